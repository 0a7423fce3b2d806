"""The facts that the checks read, one class a group; a group that was not examined is None."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sendspec.acoustic import HostProbe
    from sendspec.errors import SendspecError
    from sendspec.github import BranchProtection, Environment, JobTokens
    from sendspec.install_source import InstallSource
    from sendspec.model import Finding, LedgerState, Project, Target

_T = TypeVar("_T")


class Read(Struct, Generic[_T], frozen=True):
    """A value that was read, or the error of reading it."""

    value: _T | None = None
    error: SendspecError | None = None


class StateFolder(NamedTuple):
    """The folder for what this machine remembers, as its nearest existing parent shows it."""

    path: Path
    is_writable: bool
    has_fsync: bool
    filesystem: str
    """The type of the filesystem, '' if the system does not report it."""


class LogKey(NamedTuple):
    """Whether the environment has the shared key of logs, or the error because of which it cannot be used."""

    is_shared: bool
    error: SendspecError | None = None


class MachineFacts(Struct, frozen=True):
    """This machine; `git` is None without git."""

    python: tuple[int, ...]
    git: tuple[int, ...] | None
    state: StateFolder
    log_key: LogKey
    in_ci: bool


class VendorFacts(Struct, frozen=True):
    """What the vendor answered; `findings` are those of `plan --online` about ids."""

    credentials: SendspecError | None
    probe: HostProbe | None = None
    token: SendspecError | None = None
    findings: Read[tuple[Finding, ...]] = field(default_factory=Read)
    named: Mapping[str, int] = field(default_factory=dict)
    """How many pending sends name a program, and a message, by the id of the rule."""


class LedgerFacts(Struct, frozen=True):
    """The ledger of the target; `push` is why the remote refuses a push, None if it does not."""

    location: str
    state: Read[LedgerState]
    is_branch: bool
    push: SendspecError | None = None


class UsedAction(NamedTuple):
    """The value of one `uses:` and the file that has it."""

    file: str
    value: str


class ApplyTrigger(NamedTuple):
    """A file whose workflow applies, and the refs whose pushes start it: branches, and `tag NAME`."""

    file: str
    refs: tuple[str, ...]


class WorkTreeFacts(Struct, frozen=True):
    """The files of the repository that GitHub reads; `owners` is the text of CODEOWNERS.

    `environments` are the names in jobs and in inputs of called workflows. `default_branch` is as far as the
    remote names it.
    """

    uses: tuple[UsedAction, ...]
    triggers: tuple[ApplyTrigger, ...]
    environments: frozenset[str]
    unreadable: tuple[str, ...]
    owners_file: str | None
    owners: str
    source: InstallSource
    default_branch: str | None


class GitHubFacts(Struct, frozen=True):
    """Settings on GitHub; each is as far as the token may read it."""

    repository: str
    default_branch: str
    environment: Read[Environment]
    status_environment: Read[Environment]
    environment_secrets: Read[frozenset[str]]
    status_secrets: Read[frozenset[str]]
    repository_secrets: Read[frozenset[str]]
    default_protection: Read[BranchProtection]
    ledger_protection: Read[BranchProtection]
    job_tokens: Read[JobTokens]


class Examination(Struct, frozen=True):
    """Everything that the checks read."""

    directory: str
    target_name: str
    machine: MachineFacts
    project: Read[Project]
    target: Target | None = None
    vendor: VendorFacts | None = None
    ledger: LedgerFacts | None = None
    work_tree: WorkTreeFacts | None = None
    github: Read[GitHubFacts] = field(default_factory=Read)
    """Without a value and an error if the environment has no token."""
