"""Local server of the SMS API: every documented answer, and faults on demand.

The sandbox listens on loopback only and delivers nothing. The vendor's documented facts are fixed in
`error_messages`, `tokens` and `sends`. Everything the vendor leaves open is a setting of `Behaviour`.
"""

from __future__ import annotations

from sendspec.sandbox.catalog import NamedIds
from sendspec.sandbox.server import SandboxServer, serve
from sendspec.sandbox.vendor_unknowns import Behaviour

__all__ = ["Behaviour", "NamedIds", "SandboxServer", "serve"]
