"""Accidents with the files of a ledger: each is named for what it is, and no hint leads to a second send."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sendspec.ledger.file_ledger import FileLedger
from tests.ledgers import accepted, started
from tests.projects import GATE, project

if TYPE_CHECKING:
    from pathlib import Path

LOCK = "sendspec.sandbox.lock"
MERGE = "hint: run `sendspec ledger merge specs --target sandbox`, which keeps every request of both sides"
NEWEST = "hint: copy the newest lockfile from the machine that sent last; an older one would send again"
UPGRADE = "hint: upgrade sendspec to the version that wrote it, or a newer one"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d2\nsize 12345\n"


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A project whose only send was sent."""
    specs = project(tmp_path / "specs", GATE)
    with FileLedger(specs, "sandbox", "sandbox").open() as session:
        session.append([*started("gate/change"), accepted("gate/change")])
    return specs


def conflict(content: bytes) -> bytes:
    return b"<<<<<<< HEAD\n" + content + b"=======\n" + content + b">>>>>>> other\n"


def newer(content: bytes) -> bytes:
    return json.dumps({**json.loads(content), "version": 3, "sends": []}).encode()


ACCIDENTS = {
    "a conflict": (conflict, ":1: this file has the conflict markers of a merge", MERGE),
    "one marker that is left": (
        lambda content: content + b">>>>>>> other\n",
        ": this file has the conflict markers of a merge",
        MERGE,
    ),
    "a newer version": (newer, ":1: this file has version 3; this sendspec reads versions up to 2", UPGRADE),
    "an empty file": (lambda _: b"", ":1: this lockfile is empty", NEWEST),
    "a file of blanks": (lambda _: b" \n\n", ":1: this lockfile is empty", NEWEST),
    "a pointer of Git LFS": (
        lambda _: LFS,
        ":1: this is a pointer of Git LFS instead of the file",
        "hint: run `git lfs pull`",
    ),
    "a block of NUL bytes": (
        lambda content: content[:100] + bytes(412),
        ": this lockfile has NUL bytes, as after a power failure",
        NEWEST,
    ),
    "only NUL bytes": (
        lambda _: bytes(512),
        ":1: this lockfile has NUL bytes, as after a power failure",
        NEWEST,
    ),
    "half a file": (
        lambda content: content[: len(content) // 2],
        ": the end of this lockfile is missing",
        NEWEST,
    ),
    "a file without its last bracket": (
        lambda content: content.rstrip()[:-1],
        ": the end of this lockfile is missing",
        NEWEST,
    ),
}


@pytest.mark.field_case(8)
@pytest.mark.parametrize(("damage", "message", "hint"), ACCIDENTS.values(), ids=ACCIDENTS)
def test_a_damaged_lockfile_is_named_for_what_happened_to_it(damage, message, hint, specs, cli) -> None:
    """The message says what happened, the hint what to do, and nothing is sent or changed."""
    path = specs / LOCK
    path.write_bytes(damage(path.read_bytes()))
    damaged = path.read_bytes()
    for verb in ("plan", "apply", "status"):
        done = cli(verb)
        assert done.code == 1
        assert done.err.startswith(f"error: specs/{LOCK}:")
        assert message in done.err
        assert hint in done.err
        assert "version control" not in done.err
        assert "restore" not in done.err
    assert path.read_bytes() == damaged


@pytest.mark.field_case(8)
@pytest.mark.parametrize(
    ("damage", "message", "hint"),
    [
        (conflict, "journal:1: this file has the conflict markers of a merge", MERGE),
        (
            lambda _: LFS,
            "journal:1: this is a pointer of Git LFS instead of the file",
            "`git lfs pull`",
        ),
        (
            lambda journal: journal + journal.replace(b"sandbox", b"Sandbox", 1) + journal,
            "journal:3: ",
            "undo",
        ),
    ],
    ids=["a conflict", "a pointer of Git LFS", "a changed line"],
)
def test_a_damaged_journal_is_named_for_what_happened_to_it(damage, message, hint, specs, cli) -> None:
    """The journal of a lost run is recognised in the same way."""
    journal = journal_of_lost_run(specs)
    journal.write_bytes(damage(journal.read_bytes()))
    done = cli("plan")
    assert (done.code, message in done.err, hint in done.err) == (1, True, True)


@pytest.mark.field_case(8)
def test_conflicts_in_both_files_are_merged_by_the_command_of_the_hint(specs, cli) -> None:
    """After the command that the hint names, all requests are known and nothing is sent again."""
    journal = journal_of_lost_run(specs)
    journal.write_bytes(conflict(journal.read_bytes()))
    path = specs / LOCK
    path.write_bytes(conflict(path.read_bytes()))
    hint = cli("plan").err.partition("`sendspec ")[2].partition("`")[0]
    assert cli(*hint.split()).code == 0
    assert sorted(json.loads(path.read_text())["sends"]) == ["gate/change", "sale/teaser"]
    assert not journal.exists()
    assert "0 to send" in cli("plan").out


def journal_of_lost_run(specs: Path) -> Path:
    """Leave a journal with two lines beside the lockfile, as a killed run does."""
    ledger = FileLedger(specs, "sandbox", "sandbox")
    lockfile = ledger.lockfile.read_bytes()
    session = ledger.open()
    session.append([*started("sale/teaser")])
    session.append([accepted("sale/teaser")])
    journal = ledger.journal.read_bytes()
    with session:
        pass
    ledger.lockfile.write_bytes(lockfile)
    ledger.journal.write_bytes(journal)
    return ledger.journal
