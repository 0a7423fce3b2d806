"""A repository with a project on main, and a branch that changes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.ledgers import git
from tests.projects import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.processes.runs import Done

    Cli = Callable[..., Done]

SETTINGS = """\
version: 1
vars: {footer: Reply STOP to opt out., program: "148372"}
exclude: [contacts/opt-out.csv]
"""
SEND = """\
  - id: {id}
    endpoint: contacts
    channelQualifier: "{{{{ program }}}}"
    content: "{text} {{{{ footer }}}}"
    contacts: {{file: ../contacts/{list}.csv}}
    notBefore: "2099-04-{day}T12:00:00-04:00"
    notAfter: "2099-05-01T12:00:00-04:00"
"""


def send(name: str, text: str = "Acme: sale today.", people: str = "people", day: str = "10") -> str:
    """Return a send that waits for a day of April 2099."""
    return SEND.format(id=name, text=text, list=people, day=day)


def campaign(name: str, *sends: str) -> str:
    """Return a campaign of these sends."""
    return f"campaign: {name}\npurpose: marketing\nsends:\n{''.join(sends)}"


def list_of(indices: Iterable[int]) -> str:
    """Return a contact file of reserved numbers."""
    return "contactId\n" + "".join(f"{number(index)}\n" for index in indices)


def write(directory: Path, files: dict[str, str]) -> None:
    """Write files of a project."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def commit(where: Path, message: str = "change") -> str:
    """Commit everything, and return the commit."""
    git("add", "--all", where=where)
    git("commit", "--quiet", f"--message={message}", where=where)
    return git("rev-parse", "HEAD", where=where)


def repository(where: Path, *, sends: Iterable[str] = (), more: dict[str, str] | None = None) -> Path:
    """Create a repository with the campaign `sale` on main, check out a branch, and return the project."""
    git("init", "--quiet", "--initial-branch=main", ".", where=where)
    files = {
        "sendspec.yaml": SETTINGS,
        "campaigns/sale.yaml": campaign("sale", *(sends or [send("one")])),
        "contacts/people.csv": list_of(range(20)),
        "contacts/opt-out.csv": list_of([0]),
        **(more or {}),
    }
    write(where / "specs", files)
    (where / ".gitignore").write_text("*.lock\n.sendspec/\n")
    commit(where, "first")
    git("checkout", "--quiet", "-b", "branch", where=where)
    return where / "specs"


def against(cli: Cli, base: str = "main", *arguments: str) -> dict[str, Any]:
    """Return the difference of a plan from a base as JSON."""
    done = cli("plan", "--against", base, "--format", "json", *arguments)
    assert done.code in (0, 3), done.err
    found: dict[str, Any] = json.loads(done.out)["against"]
    return found


def kinds(difference: dict[str, Any]) -> dict[str, str]:
    """Return the kind of each send by its address."""
    return {found["address"]: found["kind"] for found in difference["sends"]}


def of(difference: dict[str, Any], address: str) -> dict[str, Any]:
    """Return the difference of one send."""
    [found] = [found for found in difference["sends"] if found["address"] == address]
    return dict(found)
