"""Client of the vendor's API: endpoints, credentials, tokens, transport and outcomes of answers.

This is the only package that imports httpcore and h11. It posts a request once and returns the outcome;
`sendspec.protocol` alone decides whether to post a request, and whether to post it again.
"""

from sendspec.acoustic.client import Client
from sendspec.acoustic.credentials import Credentials
from sendspec.acoustic.host_probe import HostProbe, probe_host
from sendspec.acoustic.list_answers import ListPage
from sendspec.acoustic.outcome import Answer, Failure, FailureKind, judge
from sendspec.acoustic.status_answer import FailedContact, NotFoundYet, StatusAnswer
from sendspec.acoustic.transport import Limits

__all__ = [
    "Answer",
    "Client",
    "Credentials",
    "FailedContact",
    "Failure",
    "FailureKind",
    "HostProbe",
    "Limits",
    "ListPage",
    "NotFoundYet",
    "StatusAnswer",
    "judge",
    "probe_host",
]
