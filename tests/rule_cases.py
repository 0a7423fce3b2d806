"""Cases of the rules: small projects as folders, with the findings that each expects.

A case is `tests/rules/<id>/<name>/`, a project directory. It may have `ledger.json` (a lockfile),
`now.txt` (an instant), `target.txt` (the name of a target), `dates.txt` (the dates of exclude lists) and
`vendor.json` (the lists that `--online` reads, in the vendor's form).
`repository.txt` has what git tracks and the credentials of the environment: lines `tracked GLOB`, `public`
and `credential NAME VALUE`. `lists/` has the lists outside of the repository. `expected.txt` has the
findings of the rule: a line `level rule reason file:line:column address`, then message and hint, indented.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.acoustic import Answer
from sendspec.acoustic.list_answers import read_programs, read_published_messages
from sendspec.identity import identify
from sendspec.ledger.codec import FileNames, lockfile_state
from sendspec.load import load_project
from sendspec.model import ContactFile, FileDate, LedgerState, RepositoryFacts, VendorCatalog
from sendspec.redact import Redactor
from sendspec.render import render
from sendspec.repository_texts import RepositoryText, TextKind, survey_texts
from sendspec.rules import RuleContext, run_rules
from sendspec.structs import replace
from tests.servers import envelope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.model import Finding, Project, Send
    from sendspec.rules import CheckResult

CASES = Path(__file__).parent / "rules"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One folder of a rule."""

    rule: str
    folder: Path

    def __str__(self) -> str:
        return f"{self.rule}/{self.folder.name}"

    @property
    def is_bad(self) -> bool:
        return self.folder.name.startswith("bad")

    @property
    def expected(self) -> str:
        file = self.folder / "expected.txt"
        return file.read_text(encoding="utf-8") if file.exists() else ""


def all_cases() -> list[Case]:
    return [Case(folder.parent.name, folder) for folder in sorted(CASES.glob("*/*")) if folder.is_dir()]


def context_of(folder: Path) -> RuleContext:
    """Load and render the project in `folder`, with the ledger, clock and target of its files."""
    lists = folder / "lists"
    project = replace(load_project(folder, {}), contacts_directory=lists if lists.is_dir() else None)
    target = project.targets[_optional_text(folder / "target.txt") or "sandbox"]
    ledger = LedgerState(target.name, target.account)
    if (lockfile := _optional_text(folder / "ledger.json")) is not None:
        ledger = lockfile_state(lockfile.encode(), FileNames("ledger.json", ""), ledger)
    now = _optional_text(folder / "now.txt")
    sends = render(project, target, require_files=False)
    identities = identify(sends, ledger)
    return RuleContext(
        project,
        target,
        sends,
        identities.ledger,
        datetime.fromisoformat(now) if now else NOW,
        identities=identities,
        list_dates=_list_dates(folder),
        catalog=_catalog(folder),
        repository=_repository(folder, project, sends),
    )


def _catalog(folder: Path) -> VendorCatalog | None:
    """Return the vendor's lists in `vendor.json`, None without that file."""
    text = _optional_text(folder / "vendor.json")
    if text is None:
        return None
    lists, redactor = json.loads(text), Redactor()
    answers = [
        Answer(200, {}, json.dumps(envelope(lists[name])).encode())
        for name in ("programs", "publishedMessages")
    ]
    messages = read_published_messages(answers[1], redactor).entries
    return VendorCatalog.of(read_programs(answers[0], redactor).entries, messages)


def _repository(folder: Path, project: Project, sends: Sequence[Send]) -> RepositoryFacts:
    """Return the facts about the specs of a case, and about the files that its `repository.txt` names."""
    lines = [line.split(" ", 2) for line in (_optional_text(folder / "repository.txt") or "").splitlines()]
    patterns = [words[1] for words in lines if words[0] == "tracked"]
    tracked = sorted(path for pattern in patterns for path in folder.glob(pattern))
    used = {path for send in sends for path in _paths_of_lists(send)}
    specs = [folder / "sendspec.yaml", *(campaign.file for campaign in project.campaigns)]
    kinds = {path: TextKind.USED_LIST for path in tracked if path.resolve() in used}
    kinds |= dict.fromkeys(specs, TextKind.SPEC)
    texts = [
        RepositoryText(path.as_posix(), path.read_text(encoding="utf-8"), kind, path in tracked)
        for path, kind in {**dict.fromkeys(tracked, TextKind.OTHER), **kinds}.items()
    ]
    found = survey_texts(texts, {words[1]: words[2] for words in lines if words[0] == "credential"})
    shown = {path.resolve(): path.as_posix() for path in tracked}
    return RepositoryFacts(shown, ["public"] in lines, found.numbers, found.secrets)


def _paths_of_lists(send: Send) -> list[Path]:
    return [file.path for file in (send.contacts, *send.exclude) if isinstance(file, ContactFile)]


def _list_dates(folder: Path) -> dict[Path, FileDate]:
    """Return the dates of exclude lists in `dates.txt`: lines `path date kind`."""
    lines = (_optional_text(folder / "dates.txt") or "").splitlines()
    words = [line.split() for line in lines]
    return {
        (folder / name).resolve(): FileDate(
            datetime.fromisoformat(date), is_commit=kind != "file", is_limit=kind == "shallow"
        )
        for name, date, kind in words
    }


def _optional_text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8").strip() if file.exists() else None


def check_folder(folder: Path) -> CheckResult:
    """Run the rules from the parent folder, as a person would, so that locations start with its name."""
    with contextlib.chdir(folder.parent):
        return run_rules(context_of(Path(folder.name)))


def finding_text(finding: Finding, folder: Path) -> str:
    """Return a finding as `expected.txt` has it, with paths from the project directory."""
    head = (finding.level, finding.rule, finding.reason, finding.location, finding.address or "-")
    lines = [" ".join(map(str, head)), finding.message]
    if finding.hint:
        lines.append(f"hint: {finding.hint}")
    return "\n    ".join(lines).replace(f"{folder.name}/", "") + "\n"


def write_project(folder: Path, campaign: str, settings: str = "") -> Path:
    """Write a project of one campaign file, and the exclude list that it may name."""
    (folder / "campaigns").mkdir(parents=True, exist_ok=True)
    (folder / "sendspec.yaml").write_text(f"version: 1\n{settings}", encoding="utf-8")
    (folder / "campaigns" / "case.yaml").write_text(campaign, encoding="utf-8")
    if "../list.csv" in campaign:
        (folder / "list.csv").write_text("phoneNumber\n12125550199\n", encoding="utf-8")
    return folder
