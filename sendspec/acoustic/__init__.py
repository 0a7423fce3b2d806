"""The vendor's API: endpoints, credentials, token, client, and what an answer means.

The only room that imports httpx. It posts what it is given and says what became of it; whether to
post, and whether to post again, is decided in `sendspec.protocol` and nowhere else.
"""

from sendspec.acoustic.client import Client
from sendspec.acoustic.credentials import Credentials
from sendspec.acoustic.outcome import Answer, Failure, FailureKind, judge
from sendspec.acoustic.status import FailedContact, NotFoundYet, StatusAnswer
from sendspec.acoustic.transport import Limits

__all__ = [
    "Answer",
    "Client",
    "Credentials",
    "FailedContact",
    "Failure",
    "FailureKind",
    "Limits",
    "NotFoundYet",
    "StatusAnswer",
    "judge",
]
