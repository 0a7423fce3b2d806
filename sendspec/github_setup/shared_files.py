"""Lines that sendspec needs in files which other tools and people write too."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

if TYPE_CHECKING:
    from collections.abc import Sequence

OWNER_PLACEHOLDER: Final = "@REPLACE-ME/sms-reviewers"
"""An owner that does not exist, so that GitHub and `sendspec doctor` both report it."""

OWNERS_PATHS: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub searches, in this order; it reads the first one ("About code owners", as of 2026-11)."""

DEPENDABOT_PATHS: Final = (".github/dependabot.yml", ".github/dependabot.yaml")

_OWNERS_NOTE: Final = (
    "# These files decide which texts are sent, to whom and by which code. The last matching line counts."
)
_IGNORE_NOTE: Final = "# Files of sendspec that only this machine needs."


def owner_lines(directory: str, owners_path: str) -> tuple[str, ...]:
    """Return the lines of CODEOWNERS: specs, workflows and settings, and the file itself."""
    specs = "*" if directory == "." else f"/{directory}/"
    own = () if owners_path.startswith(".github/") else (f"/{owners_path}",)
    patterns = dict.fromkeys((specs, "/.github/", *own))
    return tuple(f"{pattern.replace(' ', chr(92) + ' ')} {OWNER_PLACEHOLDER}" for pattern in patterns)


def with_owner_lines(text: str, lines: Sequence[str]) -> str:
    """Return CODEOWNERS with the lines whose pattern has no owner there yet."""
    owned = {words[0] for line in text.splitlines() if len(words := _words(line)) > 1}
    missing = [line for line in lines if _words(line)[0] not in owned]
    return _appended(text, _OWNERS_NOTE, missing)


def ignore_lines(directory: str) -> tuple[str, ...]:
    """Return the lines of `.gitignore`: state of the sandbox, and files with numbers of recipients."""
    folder = "" if directory == "." else directory
    names = (".sendspec/", "sendspec.sandbox.lock", "sendspec.sandbox.journal")
    inside = [f"/{folder}/{name}".replace("//", "/") for name in names]
    return (*inside, "not-received*.csv", "*.receipt.json")


def with_ignore_lines(text: str, lines: Sequence[str]) -> str:
    """Return `.gitignore` with the lines that it does not have."""
    present = {line.strip() for line in text.splitlines()}
    return _appended(text, _IGNORE_NOTE, [line for line in lines if line not in present])


def dependabot_text() -> str:
    """Return a configuration of Dependabot that proposes new hashes of the workflows."""
    return (files(__package__) / "templates" / "dependabot.yml").read_text("utf-8")


def has_actions_updates(text: str) -> bool:
    """Return whether a configuration of Dependabot updates the workflows."""
    try:
        value: Any = YAML(typ="safe").load(text)
        return any(entry.get("package-ecosystem") == "github-actions" for entry in value["updates"])
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return False


def _words(line: str) -> list[str]:
    words = line.partition("#")[0].replace("\\ ", "\0").split()
    return [word.replace("\0", "\\ ") for word in words]


def _appended(text: str, note: str, lines: Sequence[str]) -> str:
    if not lines:
        return text
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    return f"{text}{gap}{note}\n" + "".join(f"{line}\n" for line in lines)
