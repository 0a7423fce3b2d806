"""Reads everything that `doctor` checks: this machine, the project, the vendor, the ledger, and GitHub."""

from __future__ import annotations

import os
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.cli._lib.ci import in_ci
from sendspec.cli._lib.context import connect, find_target, ledger_for
from sendspec.cli._lib.project_directory import PROJECT_FILE
from sendspec.doctor.examination import Examination, Read, VendorFacts
from sendspec.doctor.github_facts import examine_github, github_environ
from sendspec.doctor.ledger import examine_ledger
from sendspec.doctor.machine import examine_machine
from sendspec.doctor.vendor_ids import PendingIds
from sendspec.doctor.work_tree import examine_work_tree
from sendspec.errors import CredentialsError, LedgerError, SendspecError, SpecError, VendorUnavailable
from sendspec.model import SANDBOX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sendspec.acoustic import Client
    from sendspec.doctor.examination import GitHubFacts, LedgerFacts, WorkTreeFacts
    from sendspec.model import Finding, LedgerState, Project, Target


def examine(directory: str, target_name: str, progress: Callable[[str], None]) -> Examination:
    """Return the facts about everything; `progress` gets what is read next, which can take seconds."""
    machine = examine_machine(os.environ, in_ci=in_ci())
    project = _read_project(Path(directory), target_name)
    target = project.value.targets[target_name] if project.value is not None else None
    vendor, ledger = None, None
    if project.value is not None and target is not None:
        progress("reading the ledger")
        ledger = _examine_ledger(project.value, target)
        if target.name != SANDBOX:
            progress("asking the vendor")
            vendor = _examine_vendor(project.value, target, ledger.state.value)
    progress("reading the settings on GitHub")
    return Examination(
        directory=directory,
        target_name=target_name,
        machine=machine,
        project=project,
        target=target,
        vendor=vendor,
        ledger=ledger,
        work_tree=_examine_work_tree(Path(directory)),
        github=_examine_github(Path(directory), target, target_name),
    )


def _read_project(directory: Path, target_name: str) -> Read[Project]:
    from sendspec.load import load_project

    if not (directory / PROJECT_FILE).exists():
        return Read()
    try:
        project = load_project(directory, os.environ)
        find_target(project, target_name)
    except SpecError as error:
        command = shlex.join(("sendspec", "validate", str(directory)))
        return Read(error=SendspecError(str(error), hint=f"run `{command}` to list them"))
    except SendspecError as error:
        return Read(error=error)
    return Read(project)


def _examine_ledger(project: Project, target: Target) -> LedgerFacts:
    try:
        ledger = ledger_for(project, target)
    except SendspecError as error:
        return examine_ledger(project, target, error)
    return examine_ledger(project, target, ledger)


def _examine_vendor(project: Project, target: Target, state: LedgerState | None) -> VendorFacts:
    from sendspec.acoustic import Credentials, probe_host

    assert target.base_url is not None  # noqa: S101 - only the built-in sandbox has none
    probe = probe_host(target.base_url)
    try:
        Credentials.from_environment(os.environ)
    except CredentialsError as error:
        return VendorFacts(error, probe)
    if probe.status is None:  # A second connection would fail in the same way, and take as long.
        return VendorFacts(
            None, probe, VendorUnavailable("the host does not answer", hint="fix what `host` reports first")
        )
    try:
        with connect(project, target) as client:
            client.check_credentials()
            found: Read[tuple[Finding, ...]] = Read()
            named: Mapping[str, int] = {}
            if state is not None:
                found, named = _read_ids(project, target, state, client)
    except SendspecError as error:
        return VendorFacts(None, probe, error)
    return VendorFacts(None, probe, None, found, named)


def _read_ids(
    project: Project, target: Target, state: LedgerState, client: Client
) -> tuple[Read[tuple[Finding, ...]], Mapping[str, int]]:
    """Return the findings about the ids of pending sends, and how many sends name ids."""
    from sendspec.vendor_lists import read_catalog

    try:
        ids = PendingIds.of(project, target, state, datetime.now(UTC))
        findings = ids.findings(read_catalog(client)) if any(ids.named.values()) else ()
        return Read(findings), ids.named
    except SendspecError as error:
        return Read(error=error), {}


def _work_tree(directory: Path) -> Path | None:
    from sendspec.ledger.safe_git_directory import find_work_tree

    try:
        return find_work_tree(directory).root
    except LedgerError:
        return None


def _examine_work_tree(directory: Path) -> WorkTreeFacts | None:
    root = _work_tree(directory)
    return None if root is None else examine_work_tree(root, os.environ)


def _examine_github(directory: Path, target: Target | None, name: str) -> Read[GitHubFacts]:
    environ = github_environ(os.environ)
    if environ is None:
        return Read()
    remote = "origin" if target is None else target.ledger_remote
    repository = None if environ.get("GITHUB_REPOSITORY") else _repository(directory, remote, environ)
    return examine_github(environ, repository, name)


def _repository(directory: Path, remote: str, environ: Mapping[str, str]) -> str | None:
    """Return OWNER/NAME of a remote on the GitHub server of the environment, None if it is elsewhere."""
    from sendspec.ledger.git_plumbing import GitClone

    server = environ.get("GITHUB_SERVER_URL", "https://github.com").partition("://")[2].rstrip("/")
    try:
        host, _, path = GitClone(directory, remote).normalized_url().partition("/")
    except LedgerError:
        return None
    return path if host == server.lower() else None
