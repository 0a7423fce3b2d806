"""Simulation of apply: real code, with a simulated vendor, disk, git remote and clock."""
