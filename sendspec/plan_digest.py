"""The digest of a plan: what a reviewer approves, and what a saved plan must still be."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sendspec.audience import stretched_digest
from sendspec.compare import accepted, sent_before
from sendspec.model import Sign
from sendspec.render import encode
from sendspec.selection import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sendspec.model import PlannedSend
    from sendspec.selection import Selection


def plan_digest(target: str, account: str, sends: Iterable[PlannedSend], selection: Selection = ALL) -> str:
    """Return the digest of everything that would be sent, now or later, to a target of this account.

    It is slow, because it is stretched.
    """
    essences = [_essence(planned) for planned in sends if planned.batches or planned.sign is Sign.WAITING]
    patterns = sorted(set(selection.patterns))
    # Without the selection, approval of a part would also be approval of a whole plan of the same sends.
    selected = {"selection": patterns} if patterns else {}
    content = encode({"target": target, "account": account, "sends": essences, **selected})
    # The digest covers recipients, and a plain hash of a short list can be guessed in hours.
    return stretched_digest("plan", hashlib.sha256(content).hexdigest())


def _essence(planned: PlannedSend) -> Mapping[str, Any]:
    send = planned.send
    again = [
        [before.revision, [request.batch for request in accepted(before)]]
        for before in sent_before(send, planned.record)
    ]
    return {
        "address": send.address,
        "revision": send.revision,
        "payload": send.payload_digest,
        "recipients": planned.facts and planned.facts.digest,
        "batches": list(planned.batches),
        "notBefore": send.not_before and send.not_before.isoformat(),
        "notAfter": send.not_after and send.not_after.isoformat(),
        # Without this, apply would send at night after a later commit switched the hours of a plan off.
        **({"legalHours": planned.limits_digest} if planned.limits_digest else {}),
        # Without this, a plan in which nothing but waiting sends changed would have the same digest.
        **({"waiting": list(planned.pending)} if planned.sign is Sign.WAITING else {}),
        # Without this, a plan that was approved as a first message would also send a second one.
        **({"again": again} if again else {}),
    }
