"""Readers of the frozen plan and of what became of it: each form one file, none decides anything."""
