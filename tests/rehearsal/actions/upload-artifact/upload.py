"""Keep the files of `PATHS` as the artifact `ARTIFACT` of this run, by the rules of actions/upload-artifact.

A pattern finds files and, with all their files, folders. Patterns do not find hidden files, unless HIDDEN is
`true`. The paths in the artifact start below the deepest folder that contains all searched paths.
"""

from __future__ import annotations

import glob
import json
import os
import shutil
import sys
from pathlib import Path


def root(pattern: str) -> Path:
    """Return the part of a pattern without wildcards: the folder, or the file itself."""
    kept = []
    for part in Path(pattern).parts:
        if glob.has_magic(part):
            break
        kept.append(part)
    return Path(*kept)


def files(pattern: str, *, hidden: bool) -> list[Path]:
    """Return the files that a pattern finds."""
    found: list[Path] = []
    for name in glob.glob(pattern, recursive=True, include_hidden=hidden):  # noqa: PTH207 - with a root of its own
        path = Path(name)
        inside = path.rglob("*") if path.is_dir() else [path]
        found += [
            file for file in inside if file.is_file() and (hidden or not is_hidden(file, root(pattern)))
        ]
    return found


def is_hidden(file: Path, base: Path) -> bool:
    """Return whether the file or a folder below the searched one is hidden."""
    parts = file.relative_to(base).parts or (file.name,)
    return any(part.startswith(".") for part in parts)


def main() -> int:
    """Copy the files, and print the address; return the exit code of the step."""
    variables = os.environ
    workspace = Path(variables["GITHUB_WORKSPACE"])
    patterns = [str(workspace / line.strip()) for line in variables["PATHS"].splitlines() if line.strip()]
    hidden = variables["HIDDEN"] == "true"
    found = sorted({file for pattern in patterns for file in files(pattern, hidden=hidden)})
    if not found:
        level = {"warn": "warning", "error": "error"}.get(variables["NO_FILES"])
        if level:
            print(f"::{level}::No files were found with the provided path: {' '.join(patterns)}")
        return int(level == "error")
    folder = Path(variables["REHEARSAL_ARTIFACTS"]) / variables["GITHUB_RUN_ID"] / variables["ARTIFACT"]
    if folder.exists():
        if variables["OVERWRITE"] != "true":
            print("::error::an artifact with this name already exists on the workflow run")
            return 1
        shutil.rmtree(folder)
    roots = [root(pattern) for pattern in patterns]
    base = Path(os.path.commonpath(roots))
    base = base.parent if base.is_file() else base
    for file in found:
        target = folder / "files" / file.relative_to(base)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    (folder / "settings.json").write_text(json.dumps({"retention-days": variables["RETENTION"]}))
    run = f"{variables['GITHUB_SERVER_URL']}/{variables['GITHUB_REPOSITORY']}/actions/runs"
    with Path(variables["GITHUB_OUTPUT"]).open("a") as output:
        output.write(f"artifact-url={run}/{variables['GITHUB_RUN_ID']}/artifacts/{len(found)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
