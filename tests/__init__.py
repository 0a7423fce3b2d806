"""The suite; run all of it with `python -m tests`."""
