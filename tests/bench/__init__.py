"""Benchmarks: sendspec and its yardsticks, measured in turn and not asserted; see docs/benchmarks.md."""
