"""sendspec: SMS sends as reviewed code, planned first and sent at most once."""

__version__ = "0.1.0"
