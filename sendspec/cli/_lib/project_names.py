"""Names in a project, read in milliseconds for the completion of a shell.

This module neither checks nor renders specs, because loading a project takes longer than a person waits for a
proposal. Names are therefore proposals: a verb may refuse one, and a name that a template makes is missing.
"""

from __future__ import annotations

import json
import os
import re
import stat
from contextlib import suppress
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SANDBOX: Final = "sandbox"
_CAMPAIGN: Final = re.compile(
    r"""^campaign:[ \t]*["']?([a-z0-9]+(?:-[a-z0-9]+)*)["']?[ \t]*(?:#.*)?$""", re.MULTILINE
)
_FILE_BYTES_MAX: Final = 1 << 20
_LEDGER_BYTES_MAX: Final = 1 << 26
_FILES_MAX: Final = 2_000
_COMBINATIONS_MAX: Final = 1_000
_LEVELS_MAX: Final = 32
"""The limit of sendspec; the parser takes minutes for a file of brackets."""

_OPEN_STATES: Final = frozenset({"intent", "unknown"})
_LINE_HEAD: Final = 9
"""Characters of the checksum before the JSON of a line of the journal."""


def target_names(directory: Path) -> list[str]:
    """Return the targets of a project; the sandbox is built in."""
    settings = _document(_text(directory / "sendspec.yaml"))
    targets = settings.get("targets")
    return [*dict.fromkeys([_SANDBOX, *(targets if isinstance(targets, dict) else ())])]


def campaign_files(directory: Path) -> dict[str, Path]:
    """Return the campaigns of a project by name, with their files."""
    return {
        found[1]: path
        for path in islice(_yaml_files(directory / "campaigns"), _FILES_MAX)
        if (found := _CAMPAIGN.search(_text(path))) is not None
    }


def addresses(campaign: str, path: Path) -> Iterator[str]:
    """Yield the addresses of the sends in the file of a campaign, and `campaign/send` of a matrix."""
    sends = _document(_text(path)).get("sends")
    for send in sends if isinstance(sends, list) else ():
        if not isinstance(send, dict) or not isinstance(send.get("id"), str):
            continue
        address = f"{campaign}/{send['id']}"
        yield address
        matrix = send.get("matrix")
        if isinstance(matrix, dict) and all(isinstance(values, list) for values in matrix.values()):
            axes = [map(str, values) for _, values in sorted(matrix.items())]
            for values in islice(product(*axes), _COMBINATIONS_MAX):
                yield f"{address}[{','.join(values)}]"


def open_requests(directory: Path, target: str) -> list[str]:
    """Return the requests that `resolve` may settle, from the files of a ledger; a branch is not read."""
    states: dict[tuple[str, int, int], str] = {}
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        lockfile = json.loads(_text(directory / f"sendspec.{target}.lock", _LEDGER_BYTES_MAX) or "{}")
        for address, record in lockfile.get("sends", {}).items():
            for revision in (record, *record.get("earlier", ())):
                for request in revision["requests"]:
                    states[address, revision["revision"], request["batch"]] = request["state"]
    for line in _text(directory / f"sendspec.{target}.journal", _LEDGER_BYTES_MAX).splitlines():
        with suppress(ValueError, TypeError, KeyError):
            entry = json.loads(line[_LINE_HEAD:])
            if entry["entry"] in {"intent", "settled"}:
                key = entry["address"], entry["revision"], entry["batch"]
                states[key] = entry.get("state", "intent")
    return [
        f"{address}#{batch}" if revision == 1 else f"{address}@{revision}#{batch}"
        for (address, revision, batch), state in sorted(states.items())
        if state in _OPEN_STATES
    ]


def _yaml_files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith((".yaml", ".yml")) and not name.startswith("."):
                yield Path(parent, name)


def _text(path: Path, bytes_max: int = _FILE_BYTES_MAX) -> str:
    """Return the text of a regular file, empty if it is none, too long or not readable."""
    with suppress(OSError):
        found = path.stat()
        if stat.S_ISREG(found.st_mode) and found.st_size <= bytes_max:
            return path.read_text(encoding="utf-8", errors="replace")
    return ""


def _document(text: str) -> Mapping[str, Any]:
    """Return the mapping of a YAML document whose scalars are text as written, empty if it is none.

    The tree is built from events, because the constructor of the library recurses for each level of a file.
    """
    from ruamel.yaml import YAML, events
    from ruamel.yaml.error import YAMLError

    parents: list[list[Any]] = [[]]
    try:
        for event in YAML(typ="base").parse(text):
            if len(parents) > _LEVELS_MAX:
                return {}
            if isinstance(event, events.CollectionStartEvent):
                parents.append([])
            elif isinstance(event, events.ScalarEvent):
                parents[-1].append(event.value)
            elif isinstance(event, events.AliasEvent):
                parents[-1].append(None)
            elif isinstance(event, events.CollectionEndEvent):
                items = parents.pop()
                is_mapping = isinstance(event, events.MappingEndEvent)
                parents[-1].append(_mapping(items) if is_mapping else items)
    except (YAMLError, ValueError):
        return {}
    return next((value for value in parents[0] if isinstance(value, dict)), {})


def _mapping(items: list[Any]) -> dict[str, Any]:
    pairs = zip(items[::2], items[1::2], strict=False)
    return {key: value for key, value in pairs if isinstance(key, str)}
