"""Files that are missing, not regular files, or outside the project directory."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from tests.bad import BAD, CAMPAIGN, CSV, SETTINGS, Bad, edited

_FILE = f"{BAD}:8:22: error:"


def at(name: str, make):
    """Replace the file or folder `name` of the project by the result of `make`."""

    def change(project: Path) -> None:
        path = project / name
        if path.is_file():
            path.unlink()
        elif path.is_dir():
            for inner in path.iterdir():
                inner.unlink()
            path.rmdir()
        make(path)

    return change


def missing(_path: Path) -> None:
    """Create nothing."""


def a_folder(path: Path) -> None:
    path.mkdir()


def a_socket(path: Path) -> None:
    here = Path.cwd()
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(path.parent)  # The path of a socket must be short.
        listener.bind(path.name)
        os.chdir(here)


def link(target: str):
    """Return a function that creates a symlink to `target`."""

    def make(path: Path) -> None:
        path.symlink_to(target)

    return make


def outside(kind: str):
    """Return a function that creates a symlink to a file or folder beside the project directory."""

    def make(path: Path) -> None:
        project = next(parent for parent in path.parents if parent.name == "specs")
        target = project.parent / "outside"
        if kind == "folder":
            target.mkdir()
            (target / "bad.yaml").write_text(CAMPAIGN)
            (target / "people.csv").write_text("contactId,NAME\n12125550123,Ada\n")
        else:
            target.write_text("version: 1\n")
        path.symlink_to(target)

    return make


def named(name: str) -> dict[str, str | bytes]:
    """Return the campaign with another contact file."""
    return edited("../contacts/people.csv", name)


CASES = {
    "no settings": Bad(f"{SETTINGS}:1:1: error: the file does not exist", at(SETTINGS, missing)),
    "settings that are a folder": Bad(f"{SETTINGS}:1:1: error:", at(SETTINGS, a_folder)),
    "settings that are a pipe": Bad(f"{SETTINGS}:1:1: error:", at(SETTINGS, os.mkfifo)),
    "settings outside": Bad(f"{SETTINGS}:1:1: error:", at(SETTINGS, outside("file"))),
    "campaigns that are a file": Bad(
        "campaigns:1:1: error:", at("campaigns", lambda path: path.write_text(""))
    ),
    "campaigns outside": Bad(f"{BAD}:1:1: error:", at("campaigns", outside("folder"))),
    "campaigns that are a symlink to themselves": Bad(
        "campaigns:1:1: error:", at("campaigns", link("campaigns"))
    ),
    "a folder as a campaign": Bad(f"{BAD}:1:1: error:", at(BAD, a_folder)),
    "a pipe as a campaign": Bad(f"{BAD}:1:1: error:", at(BAD, os.mkfifo)),
    "a socket as a campaign": Bad(f"{BAD}:1:1: error:", at(BAD, a_socket)),
    "a device as a campaign": Bad(f"{BAD}:1:1: error:", at(BAD, link("/dev/zero"))),
    "a campaign outside": Bad(f"{BAD}:1:1: error:", at(BAD, outside("file"))),
    "a campaign that is a symlink to itself": Bad(f"{BAD}:1:1: error:", at(BAD, link("bad.yaml"))),
    "a campaign that is a broken symlink": Bad(f"{BAD}:1:1: error:", at(BAD, link("missing.yaml"))),
    "a name that cannot be printed": Bad("campaigns:1:1: error:", {"campaigns/a\n::error::b.yaml": CAMPAIGN}),
    "no contact file": Bad(_FILE, at(CSV, missing)),
    "a misspelt contact file": Bad(_FILE, named("../contacts/poeple.csv"), end="did you mean 'people.csv'?"),
    "a folder as contact file": Bad(_FILE, at(CSV, a_folder)),
    "a pipe as contact file": Bad(_FILE, at(CSV, os.mkfifo)),
    "a device as contact file": Bad(_FILE, at(CSV, link("/dev/urandom"))),
    "a terminal's device as contact file": Bad(_FILE, named("/dev/stdin")),
    "a contact file by its absolute path": Bad(_FILE, named("/etc/passwd")),
    "a contact file above the project": Bad(_FILE, named("../../people.csv")),
    "a contact file far above": Bad(_FILE, named("../" * 40 + "etc/passwd")),
    "a symlink to a contact file outside": Bad(_FILE, at(CSV, outside("file"))),
    "a symlink to a folder of contact files outside": Bad(_FILE, at("contacts", outside("folder"))),
    "a contact file that is a symlink to itself": Bad(_FILE, at(CSV, link("people.csv"))),
    "two symlinks to each other": Bad(
        _FILE,
        lambda project: (
            at(CSV, link("b.csv"))(project),
            (project / "contacts/b.csv").symlink_to("people.csv"),
        ),
    ),
    "a path of Windows": Bad(_FILE, named(r"..\contacts\people.csv")),
    "a drive of Windows": Bad(_FILE, named("'C:/people.csv'")),
    "a name of 5,000 letters": Bad(_FILE, named("x" * 5000)),
    "a name with a NUL": Bad(_FILE, named('"a\\0b"')),
    "an empty name": Bad(_FILE, named('""')),
}
