"""The copy of this tree that `act` runs as the repository of sendspec, and the stand-ins of other actions.

`act` 0.2.89 rejects two notations of GitHub, which the copy does not have: `uses: $/PATH`, a path in the
repository and commit of the workflow itself, and `queue:` of a concurrency group, which it ignores anyway.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
ACTIONS: Final = Path(__file__).resolve().parent / "actions"
USES: Final = re.compile(
    r"^[ -]*uses: (?P<name>[\w.-]+/[\w.-]+)(?P<path>/\S+)?@(?P<commit>[0-9a-f]{40})\b", re.MULTILINE
)
"""A `uses` of another repository: OWNER/NAME, a path in it, and its commit."""

_PARTS: Final = (".github", "pyproject.toml", "sendspec/__init__.py")
"""`act` copies all of it for each use of the action; the code that runs is that of the tests."""

_OWN: Final = re.compile(r"^([ -]*uses: )\$/(\S+)", re.MULTILINE)
_QUEUE: Final = re.compile(r"^ +queue: \S+.*\n", re.MULTILINE)


def rewritten(text: str, repository: str, commit: str) -> str:
    """Return a workflow or an action of sendspec as `act` can read it."""
    return _QUEUE.sub("", _OWN.sub(rf"\1{repository}/\2@{commit}", text))


def copy_tree(target: Path, repository: str, commit: str) -> Path:
    """Copy what a job gets of this tree, with its workflows and actions rewritten; return the folder."""
    for part in _PARTS:
        source = ROOT / part
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target / part)
        else:
            shutil.copy(source, target / part)
    for path in (target / ".github").rglob("*.yml"):
        path.write_text(rewritten(path.read_text(), repository, commit))
    return target


def used_repositories(texts: list[str]) -> set[tuple[str, str]]:
    """Return name and commit of each repository that workflows or actions use."""
    return {(found["name"], found["commit"]) for text in texts for found in USES.finditer(text)}


def folders(tree: Path, repository: str, commit: str) -> dict[str, Path]:
    """Return the folders for `act` by `OWNER/NAME@COMMIT`: the copy, and the stand-ins that it uses."""
    texts = [path.read_text() for path in (tree / ".github").rglob("*.yml")]
    others = used_repositories(texts) - {(repository, commit)}
    stand_ins = {f"{name}@{pin}": ACTIONS / name.rpartition("/")[2] for name, pin in others}
    return {f"{repository}@{commit}": tree} | {
        name: path for name, path in stand_ins.items() if path.is_dir()
    }
