"""What is measured and not asserted; `python -m tests.bench` lists it."""
