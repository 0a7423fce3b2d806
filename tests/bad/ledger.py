"""Ledgers and other files written by sendspec that are corrupt, of another kind, or links.

`validate` does not read the ledger, so these cases are for `plan` and `apply`. Cases of files that only
`apply` uses are for `apply` alone.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from sendspec.ledger.journal import encode_line
from tests.bad import JOURNAL, LOCKFILE, Bad
from tests.bad.files import a_folder, at, link, outside

if TYPE_CHECKING:
    from pathlib import Path

_REQUEST = {
    "batch": 1,
    "state": "sent",
    "at": "2026-12-01T19:00:03Z",
    "attempts": 1,
    "transactionId": "1a2b-3c-4d",
}
_SEND = {
    "endpoint": "contacts",
    "revision": 1,
    "payload": {},
    "payloadDigest": "sha256:" + "a" * 64,
    "requests": [_REQUEST],
}
_STARTED = {"entry": "revision-started", "address": "bad/one", **_SEND}
_INTENT = {
    "entry": "intent",
    "address": "bad/one",
    "revision": 1,
    "batch": 1,
    "at": "2026-12-01T19:00:03Z",
    "attempts": 0,
}


def lockfile(**changes: Any) -> dict[str, str | bytes]:
    """Return a lockfile as sendspec writes it, with changes at the top level."""
    value = {"account": "sandbox", "sends": {"bad/one": _SEND}, "target": "sandbox", "version": 1}
    return {LOCKFILE: json.dumps(value | changes, indent=2, sort_keys=True)}


def journal(*values: Any) -> dict[str, str | bytes]:
    """Return a journal with one line for each entry."""
    owner = {"target": "sandbox", "account": "sandbox"}
    return {JOURNAL: b"".join(encode_line({**owner, "entries": [value]}) for value in values)}


def duplicated_address() -> dict[str, str | bytes]:
    """Return a lockfile as after a bad merge, with both sides of an address."""
    text = str(lockfile()[LOCKFILE])
    at_send = text.index('    "bad/one"')
    end = text.rindex("\n  },\n") + 1
    return {LOCKFILE: f"{text[:end].rstrip()},\n{text[at_send:]}"}


def ledger(start: str, change: Any, **rest: Any) -> Bad:
    """Return a case for `plan` and `apply`."""
    return Bad(start, change, verbs=("plan", "apply"), **rest)


def state(start: str, change: Any) -> Bad:
    """Return a case for `apply` alone."""
    return Bad(start, change, verbs=("apply",))


def file_outside(project: Path) -> Path:
    """Create a file beside the project directory; its only line has no end, like a torn journal."""
    path = project.parent / "outside"
    path.write_text("keep me")
    return path


def link_outside(name: str):
    """Return a change that makes a file a link to one outside the project."""

    def change(project: Path) -> None:
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(file_outside(project))

    return change


RECEIVED = ".sendspec/sandbox/received.jsonl"

CASES = {
    "an empty lockfile": ledger(f"{LOCKFILE}:1: this lockfile is empty", {LOCKFILE: ""}),
    "a lockfile that is not JSON": ledger(f"{LOCKFILE}:1:1: not valid JSON", {LOCKFILE: "version: 1\n"}),
    "a lockfile with a conflict": ledger(
        f"{LOCKFILE}:2: this file has the conflict markers", {LOCKFILE: "{\n<<<<<<< HEAD\n"}
    ),
    "half a lockfile": ledger(f"{LOCKFILE}:1:", {LOCKFILE: '{"account": "sand'}),
    "a lockfile in Latin-1": ledger(f"{LOCKFILE}:1:6:", {LOCKFILE: '{"caf\u00e9": 1}'.encode("latin-1")}),
    "a lockfile of open lists": ledger(f"{LOCKFILE}:1:", {LOCKFILE: "[" * 100_000}),
    "an address twice": ledger(f"{LOCKFILE}:19:5: ", duplicated_address(), end="the first is at line 4"),
    "a lockfile of another version": ledger(
        f"{LOCKFILE}:1: this file has version 3; this sendspec reads versions up to 2", lockfile(version=3)
    ),
    "a state that does not exist": ledger(
        f"{LOCKFILE}:13:20: ",
        lockfile(sends={"bad/one": _SEND | {"requests": [_REQUEST | {"state": "maybe"}]}}),
    ),
    "a request twice": ledger(
        f"{LOCKFILE}:16:9: not a valid lockfile: request 1 is duplicated",
        lockfile(sends={"bad/one": _SEND | {"requests": [_REQUEST, _REQUEST | {"state": "not-sent"}]}}),
    ),
    "a request more than the recipients take": ledger(
        f"{LOCKFILE}:9:9: not a valid lockfile: request 2, but the send has only 1",
        lockfile(sends={"bad/one": _SEND | {"requests": [_REQUEST | {"batch": 2}]}}),
    ),
    "a revision twice": ledger(
        f"{LOCKFILE}:6:9: not a valid lockfile: revision 1 follows revision 1",
        lockfile(sends={"bad/one": _SEND | {"earlier": [_SEND]}}),
    ),
    "a day that does not exist": ledger(
        f"{LOCKFILE}:10:17: not a valid lockfile: this date does not exist",
        lockfile(sends={"bad/one": _SEND | {"requests": [_REQUEST | {"at": "2026-02-30T19:00:03Z"}]}}),
    ),
    "a send that is a list": ledger(f"{LOCKFILE}:4:16: ", lockfile(sends={"bad/one": []})),
    "a lockfile of another target": ledger(
        f"{LOCKFILE}:1: this belongs to target", lockfile(target="production")
    ),
    "a lockfile of another account": ledger(
        f"{LOCKFILE}:1: this belongs to target", lockfile(account="127.0.0.1:1")
    ),
    "a lockfile that is a folder": ledger(
        f"{LOCKFILE}:1: cannot read this file: it is not a regular file", at(LOCKFILE, a_folder)
    ),
    "a lockfile that is a pipe": ledger(
        f"{LOCKFILE}:1: cannot read this file: it is not a regular file", at(LOCKFILE, os.mkfifo)
    ),
    "a lockfile that is a device": ledger(
        f"{LOCKFILE}:1: cannot read this file: it is a symbolic link", at(LOCKFILE, link("/dev/zero"))
    ),
    "a lockfile outside": ledger(
        f"{LOCKFILE}:1: cannot read this file: it is a symbolic link", link_outside(LOCKFILE)
    ),
    "a damaged line in the journal": ledger(
        f"{JOURNAL}:1: this line was changed after sendspec wrote it",
        {JOURNAL: b"00000000 {}\n" + encode_line({})},
    ),
    "a line in the journal that is not an entry": ledger(
        f"{JOURNAL}:1: this line is not a valid entry", {JOURNAL: encode_line([])}
    ),
    "an intent of a send that was never started": ledger(
        f"{JOURNAL}:1: this line is not a valid entry: revision 1 of bad/one was never started",
        journal(_INTENT),
    ),
    "a later line that is not a valid entry": ledger(
        f"{JOURNAL}:2: this line is not a valid entry",
        journal(
            {"entry": "revision-started", "address": "bad/one", **_SEND},
            _INTENT | {"address": "bad/two"},
            _INTENT,
        ),
    ),
    "a journal of another account": ledger(
        f"{JOURNAL}:1: this belongs",
        {JOURNAL: encode_line({"target": "sandbox", "account": "127.0.0.1:1", "entries": []})},
    ),
    "a journal that is a pipe": ledger(
        f"{JOURNAL}:1: cannot read this file: it is not a regular file", at(JOURNAL, os.mkfifo)
    ),
    "a journal outside": ledger(
        f"{JOURNAL}:1: cannot read this file: it is a symbolic link", link_outside(JOURNAL)
    ),
    "a lock outside": state(
        ".sendspec/sandbox.holder:1: cannot lock this file: it is a symbolic link",
        link_outside(".sendspec/sandbox.holder"),
    ),
    "a state that is a file": Bad(".sendspec:1:1: error:", {".sendspec": "state\n"}),
    "a state outside": Bad(".sendspec:1:1: error:", at(".sendspec", outside("folder"))),
    "a state that leads to itself": Bad(".sendspec:1:1: error:", at(".sendspec", link(".sendspec"))),
    "a sandbox with a damaged line": state(f"{RECEIVED}:1: not a line", {RECEIVED: '{"endpoint": 1}\n'}),
    "a sandbox that writes outside": state(
        f"{RECEIVED}:1: the sandbox cannot use this file", link_outside(RECEIVED)
    ),
    "a sandbox that writes into a pipe": state(
        f"{RECEIVED}:1: the sandbox cannot use this file: not a regular file",
        lambda project: ((project / ".sendspec/sandbox").mkdir(parents=True), os.mkfifo(project / RECEIVED)),
    ),
}
