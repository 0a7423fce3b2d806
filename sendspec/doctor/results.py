"""Results of checks: a check, its reason, which decides whether it passed, and the facts of its sentence."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sendspec.doctor.examination import Examination


class CheckGroup(StrEnum):
    """What a check is about, in the order of the report."""

    MACHINE = "machine"
    PROJECT = "project"
    VENDOR = "vendor"
    LEDGER = "ledger"
    REPOSITORY = "repository"
    GITHUB = "github"


class CheckState(StrEnum):
    """The result of a check; `NOT_CHECKED` is not a failure."""

    PASS = "pass"  # noqa: S105 - the result of a check
    FAIL = "fail"
    NOT_CHECKED = "not-checked"


_PASS, _FAIL, _OPEN = CheckState.PASS, CheckState.FAIL, CheckState.NOT_CHECKED


class CheckReason(Enum):
    """Why a check has its result; `code` is stable."""

    # machine
    PYTHON_SUPPORTED = "python-supported", _PASS
    PYTHON_TOO_OLD = "python-too-old", _FAIL
    GIT_SUPPORTED = "git-supported", _PASS
    GIT_TOO_OLD = "git-too-old", _FAIL
    GIT_MISSING = "git-missing", _FAIL
    STATE_DURABLE = "state-durable", _PASS
    STATE_OF_RUNNER = "state-of-runner", _PASS
    STATE_NOT_WRITABLE = "state-not-writable", _FAIL
    STATE_WITHOUT_FSYNC = "state-without-fsync", _FAIL
    STATE_VOLATILE = "state-volatile", _FAIL
    LOG_KEY_SHARED = "log-key-shared", _PASS
    LOG_KEY_OF_MACHINE = "log-key-of-machine", _PASS
    LOG_KEY_MISSING = "log-key-missing", _FAIL
    LOG_KEY_UNUSABLE = "log-key-unusable", _FAIL

    # project
    PROJECT_READ = "project-read", _PASS
    PROJECT_MISSING = "project-missing", _FAIL
    PROJECT_UNUSABLE = "project-unusable", _FAIL
    NO_TARGET = "no-target", _OPEN
    BUILT_IN_SANDBOX = "built-in-sandbox", _OPEN

    # vendor
    CREDENTIALS_SET = "credentials-set", _PASS
    CREDENTIALS_UNUSABLE = "credentials-unusable", _FAIL
    NO_CREDENTIALS = "no-credentials", _OPEN
    HOST_ANSWERS = "host-answers", _PASS
    HOST_SILENT = "host-silent", _FAIL
    CLOCK_RIGHT = "clock-right", _PASS
    CLOCK_AHEAD = "clock-ahead", _FAIL
    CLOCK_BEHIND = "clock-behind", _FAIL
    NO_VENDOR_TIME = "no-vendor-time", _OPEN
    TOKEN_GRANTED = "token-granted", _PASS
    TOKEN_REFUSED = "token-refused", _FAIL
    TOKEN_UNAVAILABLE = "token-unavailable", _FAIL
    NO_TOKEN = "no-token", _OPEN
    IDS_LISTED = "ids-listed", _PASS
    IDS_NOT_LISTED = "ids-not-listed", _FAIL
    NO_IDS = "no-ids", _OPEN
    LISTS_NOT_READ = "lists-not-read", _OPEN

    # ledger
    LEDGER_READ = "ledger-read", _PASS
    LEDGER_MISSING = "ledger-missing", _FAIL
    LEDGER_UNUSABLE = "ledger-unusable", _FAIL
    PUSH_ACCEPTED = "push-accepted", _PASS
    PUSH_REFUSED = "push-refused", _FAIL
    LEDGER_IN_FILES = "ledger-in-files", _OPEN
    LEDGER_NOT_READ = "ledger-not-read", _OPEN

    # repository
    USES_PINNED = "uses-pinned", _PASS
    USES_NOT_PINNED = "uses-not-pinned", _FAIL
    WORKFLOWS_UNUSABLE = "workflows-unusable", _FAIL
    NO_WORKFLOWS = "no-workflows", _OPEN
    NO_REPOSITORY = "no-repository", _OPEN
    SAME_VERSION = "same-version", _PASS
    OTHER_VERSION = "other-version", _FAIL
    VERSION_NOT_KNOWN = "version-not-known", _OPEN
    NO_CALLERS = "no-callers", _OPEN
    ONLY_DEFAULT_TRIGGERS = "only-default-triggers", _PASS
    OTHER_TRIGGERS = "other-triggers", _FAIL
    DEFAULT_NOT_KNOWN = "default-not-known", _OPEN
    OWNERS_NAMED = "owners-named", _PASS
    OWNERS_PLACEHOLDER = "owners-placeholder", _FAIL
    NO_OWNERS = "no-owners", _OPEN

    # GitHub
    GITHUB_READ = "github-read", _PASS
    NO_GITHUB_TOKEN = "no-github-token", _OPEN
    GITHUB_TOKEN_REJECTED = "github-token-rejected", _FAIL
    GITHUB_REPOSITORY_HIDDEN = "github-repository-hidden", _FAIL
    GITHUB_NOT_READ = "github-not-read", _OPEN
    NO_SETTINGS = "no-settings", _OPEN
    MAY_NOT_READ = "may-not-read", _OPEN
    PROTECTION_HIDDEN = "protection-hidden", _OPEN
    ENVIRONMENT_EXISTS = "environment-exists", _PASS
    ENVIRONMENT_MISSING = "environment-missing", _FAIL
    STATUS_ENVIRONMENT_MISSING = "status-environment-missing", _FAIL
    NO_STATUS_ENVIRONMENT = "no-status-environment", _OPEN
    NO_ENVIRONMENT = "no-environment", _OPEN
    REVIEWERS_REQUIRED = "reviewers-required", _PASS
    REVIEWERS_MISSING = "reviewers-missing", _FAIL
    SELF_REVIEW_PREVENTED = "self-review-prevented", _PASS
    SELF_REVIEW_ALLOWED = "self-review-allowed", _PASS
    ONLY_DEFAULT_BRANCH = "only-default-branch", _PASS
    ANY_BRANCH = "any-branch", _FAIL
    PROTECTED_BRANCHES = "protected-branches", _FAIL
    OTHER_BRANCHES = "other-branches", _FAIL
    ADMINS_BOUND = "admins-bound", _PASS
    ADMINS_MAY_BYPASS = "admins-may-bypass", _FAIL
    BYPASS_NOT_REPORTED = "bypass-not-reported", _OPEN
    SECRETS_PRESENT = "secrets-present", _PASS
    SECRETS_MISSING = "secrets-missing", _FAIL
    NO_SHARED_SECRETS = "no-shared-secrets", _PASS
    SHARED_SECRETS = "shared-secrets", _FAIL
    REVIEW_REQUIRED = "review-required", _PASS
    REVIEW_NOT_REQUIRED = "review-not-required", _FAIL
    BRANCH_GROWS_ONLY = "branch-grows-only", _PASS
    BRANCH_CAN_BE_MOVED = "branch-can-be-moved", _FAIL
    BRANCH_CAN_BE_DELETED = "branch-can-be-deleted", _FAIL
    BRANCH_UNPROTECTED = "branch-unprotected", _FAIL
    PUSHES_ALLOWED = "pushes-allowed", _PASS
    PUSHES_REFUSED = "pushes-refused", _FAIL
    TOKENS_ONLY_READ = "tokens-only-read", _PASS
    TOKENS_MAY_WRITE = "tokens-may-write", _FAIL
    TOKENS_MAY_APPROVE = "tokens-may-approve", _FAIL

    def __init__(self, code: str, state: CheckState) -> None:
        self.code = code
        self.state = state


class CheckResult(Struct, frozen=True):
    """The reason of one check, and the values of its sentence, which may be text of others."""

    check: str
    group: CheckGroup
    reason: CheckReason
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> CheckState:
        """Whether the check passed."""
        return self.reason.state


class Check(Struct, frozen=True):
    """One check: its id in kebab-case, its group, and the function that decides."""

    id: str
    group: CheckGroup
    decide: Callable[[Examination], Decision]

    def run(self, examination: Examination) -> CheckResult:
        """Return the result for these facts."""
        decision = self.decide(examination)
        return CheckResult(self.id, self.group, decision.reason, decision.facts)


class Decision(Struct, frozen=True):
    """The reason of a check, with the values of its sentence."""

    reason: CheckReason
    facts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, reason: CheckReason, **facts: object) -> Decision:
        """Return a decision with the texts of these values."""
        return cls(reason, {name: str(value) for name, value in facts.items()})

    @classmethod
    def of_error(cls, reason: CheckReason, error: Exception) -> Decision:
        """Return a decision with the message and the hint of an error."""
        return cls(reason, {"error": str(error), "hint": getattr(error, "hint", None) or ""})
