"""A faithful local server of the SMS API: every documented answer, and faults on demand.

It listens on loopback only and sends nothing to anybody. Facts of the API that the vendor documents
are fixed here (`texts`, `tokens`, `sends`); what is not known about the vendor is a switch.
"""

from __future__ import annotations

from sendspec.sandbox.server import SandboxServer, serve
from sendspec.sandbox.switches import Switches

__all__ = ["SandboxServer", "Switches", "serve"]
