"""What the vendor answers, and the checks of it: credentials, host, clock, token, programs and messages."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from sendspec.doctor.results import Check, CheckGroup, CheckReason, Decision
from sendspec.errors import CredentialsError
from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.protocol_limits import CLOCK_DIFFERENCE_SECONDS_MAX

if TYPE_CHECKING:
    from sendspec.doctor.examination import Examination, VendorFacts

_PROGRAM: Final = "program"
_MESSAGE: Final = "published-message"


def _target(examination: Examination) -> VendorFacts | Decision:
    """Return the facts about the vendor, else why there are none."""
    if examination.vendor is not None:
        return examination.vendor
    if examination.target is None:
        return Decision.of(CheckReason.NO_TARGET)
    return Decision.of(CheckReason.BUILT_IN_SANDBOX)


def _credentials(examination: Examination) -> Decision:
    vendor = _target(examination)
    if isinstance(vendor, Decision):
        return vendor
    if vendor.credentials is not None:
        return Decision.of_error(CheckReason.CREDENTIALS_UNUSABLE, vendor.credentials)
    return Decision.of(CheckReason.CREDENTIALS_SET)


def _host(examination: Examination) -> Decision:
    vendor = _target(examination)
    if isinstance(vendor, Decision):
        return vendor
    probe = vendor.probe
    facts = {"host": examination.target.account if examination.target else ""}
    if probe is None or probe.status is None:
        return Decision.of(CheckReason.HOST_SILENT, **facts, failure="" if probe is None else probe.failure)
    return Decision.of(CheckReason.HOST_ANSWERS, **facts, status=probe.status)


def _clock(examination: Examination) -> Decision:
    vendor = _target(examination)
    if isinstance(vendor, Decision):
        return vendor
    difference = None if vendor.probe is None else vendor.probe.clock_difference_seconds
    if difference is None:
        return Decision.of(CheckReason.NO_VENDOR_TIME)
    facts = {"seconds": f"{abs(difference):,.0f}", "allowed": f"{CLOCK_DIFFERENCE_SECONDS_MAX:.0f}"}
    if abs(difference) <= CLOCK_DIFFERENCE_SECONDS_MAX:
        return Decision.of(CheckReason.CLOCK_RIGHT, **facts)
    return Decision.of(CheckReason.CLOCK_AHEAD if difference > 0 else CheckReason.CLOCK_BEHIND, **facts)


def _token(examination: Examination) -> Decision:
    vendor = _target(examination)
    if isinstance(vendor, Decision):
        return vendor
    if vendor.credentials is not None:
        return Decision.of(CheckReason.NO_CREDENTIALS)
    if vendor.token is None:
        return Decision.of(CheckReason.TOKEN_GRANTED)
    is_refused = isinstance(vendor.token, CredentialsError)
    reason = CheckReason.TOKEN_REFUSED if is_refused else CheckReason.TOKEN_UNAVAILABLE
    return Decision.of_error(reason, vendor.token)


def _ids(rule: str, examination: Examination) -> Decision:
    vendor = _target(examination)
    if isinstance(vendor, Decision):
        return vendor
    if vendor.credentials is not None or vendor.token is not None:
        return Decision.of(CheckReason.NO_TOKEN)
    if vendor.findings.error is not None:
        return Decision.of_error(CheckReason.LISTS_NOT_READ, vendor.findings.error)
    if vendor.findings.value is None:
        return Decision.of(CheckReason.LEDGER_NOT_READ)
    errors = [each for each in vendor.findings.value if each.rule == rule and each.level is Level.ERROR]
    if errors:
        return Decision.of(
            CheckReason.IDS_NOT_LISTED,
            error=errors[0].message,
            hint=errors[0].hint or "",
            file=errors[0].location.file,
            line=errors[0].location.line,
            count=pluralize(len(errors), "finding"),
        )
    named = vendor.named.get(rule, 0)
    return (
        Decision.of(CheckReason.IDS_LISTED, count=pluralize(named, "pending send"))
        if named
        else Decision.of(CheckReason.NO_IDS)
    )


CHECKS: Final = (
    Check("host", CheckGroup.VENDOR, _host),
    Check("clock", CheckGroup.VENDOR, _clock),
    Check("credentials", CheckGroup.VENDOR, _credentials),
    Check("token", CheckGroup.VENDOR, _token),
    Check("programs", CheckGroup.VENDOR, partial(_ids, _PROGRAM)),
    Check("published-messages", CheckGroup.VENDOR, partial(_ids, _MESSAGE)),
)
