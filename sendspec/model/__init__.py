"""Frozen data that flows between the packages.

The terms are those of the documentation: a *campaign* is one YAML file, a *send* one entry of its
`sends` (several with a matrix), a *request* one HTTP call. `SendSpec` is a send as written, `Send`
a send as rendered for one target.
"""

from sendspec.model.delivery_reasons import DeliveryReason
from sendspec.model.diagnostics import Finding, Level, Problem
from sendspec.model.locations import Location, Locations, NodePath
from sendspec.model.moves import Move, with_moves
from sendspec.model.number_facts import InvalidNumbers, Lookalikes, NumberFacts, Occurrences
from sendspec.model.plans import (
    Action,
    Change,
    Plan,
    PlannedSend,
    RemovedSend,
    Sign,
)
from sendspec.model.reason_codes import OutcomeReason, PlanReason, SettledBy, StatusReason
from sendspec.model.records import (
    CONTACTS_PER_REQUEST,
    Delivery,
    JobStop,
    LedgerState,
    Outcome,
    Recall,
    Recipients,
    RequestKey,
    RequestRecord,
    RequestState,
    SendRecord,
    VendorId,
    VendorJob,
    Verdict,
    requests_for,
)
from sendspec.model.send_endpoints import Endpoint, EndpointTraits, IdKind
from sendspec.model.sends import (
    Allowance,
    Audience,
    AudienceFacts,
    Contact,
    ContactFile,
    Duplicate,
    ExcludeFacts,
    FileDate,
    InlineContacts,
    Send,
    UnusableContacts,
)
from sendspec.model.specs import (
    SANDBOX,
    Campaign,
    CampaignNotes,
    CommentedText,
    ExcludeEntry,
    Project,
    Purpose,
    RuleSetting,
    SendSpec,
    Target,
    is_loopback,
)
from sendspec.model.text_defects import DefectKind, ValueDefect
from sendspec.model.vendor_ids import read_job_id, read_transaction_id

__all__ = [
    "CONTACTS_PER_REQUEST",
    "SANDBOX",
    "Action",
    "Allowance",
    "Audience",
    "AudienceFacts",
    "Campaign",
    "CampaignNotes",
    "Change",
    "CommentedText",
    "Contact",
    "ContactFile",
    "DefectKind",
    "Delivery",
    "DeliveryReason",
    "Duplicate",
    "Endpoint",
    "EndpointTraits",
    "ExcludeEntry",
    "ExcludeFacts",
    "FileDate",
    "Finding",
    "IdKind",
    "InlineContacts",
    "InvalidNumbers",
    "JobStop",
    "LedgerState",
    "Level",
    "Location",
    "Locations",
    "Lookalikes",
    "Move",
    "NodePath",
    "NumberFacts",
    "Occurrences",
    "Outcome",
    "OutcomeReason",
    "Plan",
    "PlanReason",
    "PlannedSend",
    "Problem",
    "Project",
    "Purpose",
    "Recall",
    "Recipients",
    "RemovedSend",
    "RequestKey",
    "RequestRecord",
    "RequestState",
    "RuleSetting",
    "Send",
    "SendRecord",
    "SendSpec",
    "SettledBy",
    "Sign",
    "StatusReason",
    "Target",
    "UnusableContacts",
    "ValueDefect",
    "VendorId",
    "VendorJob",
    "Verdict",
    "is_loopback",
    "read_job_id",
    "read_transaction_id",
    "requests_for",
    "with_moves",
]
