"""The real apply code over a vendor, a disk and a clock that are simulated; see docs/simulation.md."""
