"""A faithful local server of the SMS API: every documented answer, and faults on demand.

It listens on loopback only and sends nothing to anybody. Facts of the API that the vendor documents
are fixed here (`texts`, `tokens`, `sends`); what is not known about the vendor is a switch.
"""

from __future__ import annotations

from sendspec.sandbox.behaviour import Behaviour
from sendspec.sandbox.server import SandboxServer, serve

__all__ = ["Behaviour", "SandboxServer", "serve"]
