"""Readers of the frozen plan and of results: one file a format; none of them decides anything."""
