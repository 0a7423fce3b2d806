"""Bad input of many kinds, and what sendspec says of each; `tests/test_bad_input.py` runs them all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

VERBS = ("validate", "plan", "apply")

CAMPAIGN = """\
campaign: bad
purpose: transactional
sends:
  - id: one
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: hi %%NAME%%, your order is ready."
    contacts: {file: ../contacts/people.csv}
    personalizationDefaults: {NAME: there}
"""
BAD = "campaigns/bad.yaml"
CSV = "contacts/people.csv"
SETTINGS = "sendspec.yaml"
LOCKFILE = "sendspec.sandbox.lock"
JOURNAL = "sendspec.sandbox.journal"


@dataclass(frozen=True)
class Bad:
    """One kind of bad input.

    `change` makes it: the files to write, or a function of the project directory. `told` is what is
    said of it from the file's name on, below the project directory; `code` the exit code, of each
    of `verbs`; `end` is what else is said, such as the hint.
    """

    told: str
    change: Mapping[str, str | bytes] | Callable[[Path], object]
    code: int = 1
    verbs: tuple[str, ...] = VERBS
    end: str = ""
    options: tuple[str, ...] = field(default=())

    def make(self, project: Path) -> None:
        """Change a sound project into this one."""
        if not isinstance(self.change, dict):
            self.change(project)  # type: ignore[operator]
            return
        for name, content in self.change.items():
            path = project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())


def edited(old: str, new: str, text: str = CAMPAIGN) -> dict[str, str | bytes]:
    """The campaign with one thing changed."""
    assert text.count(old) == 1, old
    return {BAD: text.replace(old, new)}


def content(template: str) -> dict[str, str | bytes]:
    """The campaign with this template as its content, which stands in line 7."""
    return edited('"Acme: hi %%NAME%%, your order is ready."', template)
