"""What flows between the rooms: frozen data, no behaviour beyond reading itself.

The words are those of the documentation: a *campaign* is one YAML file, a *send* one entry of its
`sends` (several with a matrix), a *request* one HTTP call. `SendSpec` is a send as written, `Send`
a send as rendered for one target.
"""

from sendspec.model.diagnostics import Finding, Level, Problem
from sendspec.model.locations import Location, Locations, NodePath
from sendspec.model.plans import (
    Action,
    Change,
    Plan,
    Sign,
)
from sendspec.model.records import (
    CONTACTS_PER_REQUEST,
    Delivery,
    LedgerState,
    Outcome,
    Recipients,
    RequestKey,
    RequestRecord,
    RequestState,
    SendRecord,
    Verdict,
    requests_for,
)
from sendspec.model.sends import (
    Allowance,
    AudienceFacts,
    Contact,
    ContactFile,
    Duplicate,
    InlineContacts,
    Send,
)
from sendspec.model.specs import (
    Campaign,
    Endpoint,
    Project,
    Purpose,
    RuleSetting,
    SendSpec,
    Target,
    is_loopback,
)

__all__ = [
    "CONTACTS_PER_REQUEST",
    "Action",
    "Allowance",
    "AudienceFacts",
    "Campaign",
    "Change",
    "Contact",
    "ContactFile",
    "Delivery",
    "Duplicate",
    "Endpoint",
    "Finding",
    "InlineContacts",
    "LedgerState",
    "Level",
    "Location",
    "Locations",
    "NodePath",
    "Outcome",
    "Plan",
    "Problem",
    "Project",
    "Purpose",
    "Recipients",
    "RequestKey",
    "RequestRecord",
    "RequestState",
    "RuleSetting",
    "Send",
    "SendRecord",
    "SendSpec",
    "Sign",
    "Target",
    "Verdict",
    "is_loopback",
    "requests_for",
]
