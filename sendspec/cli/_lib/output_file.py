"""A file that a verb writes: never through a link of the checkout, never over a file of the project.

A pull request can commit a link under the name of a report. Writing through it would replace a file
elsewhere, such as the lockfile.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from sendspec.cli._lib.earlier_output import is_file_of_project

_DEVICES: Final = Path("/dev")
"""The folder of devices and of the files that a shell has opened, such as `/dev/stdout`."""

_OWN_FILE: Final = re.compile(r"sendspec\.(yaml|.*\.(lock|journal))")
_OWN_FOLDERS: Final = frozenset({".git", ".sendspec"})


class OutputRefused(OSError):
    """A name that sendspec does not write to; `strerror` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(None, reason)
        self.strerror = reason


class OutputFile:
    """A text file that appears whole: it is written beside its name, and then renamed.

    A device is written directly. Only its owner can read a `private` file.
    """

    def __init__(self, name: str, *, private: bool = False) -> None:
        """Create the temporary file, so that a name that cannot be written is noticed early.

        Raises:
            OutputRefused: the name is a link, not a regular file, or a file of sendspec or of a project.
            OSError: the file cannot be created.
            ValueError: the name has a NUL character.
        """
        self._path = Path(name)
        self._private = private
        self._temporary: str | None = None
        if is_device(name):
            self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            return
        check_output(self._path)
        self._handle, self._temporary = tempfile.mkstemp(
            prefix=f".{self._path.name[:100]}.", suffix=".tmp", dir=self._path.parent
        )

    def write(self, text: str) -> None:
        """Write the text, and give the file its name.

        Raises:
            OSError: the file cannot be written; an earlier file of that name is unchanged.
        """
        try:
            # Python decodes an argument that is not UTF-8 to surrogates, which UTF-8 cannot encode.
            with open(self._handle, "w", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123 - from a descriptor
                file.write(text)
            if self._temporary is not None:
                if not self._private:
                    umask = os.umask(0o022)
                    os.umask(umask)
                    Path(self._temporary).chmod(0o666 & ~umask)
                Path(self._temporary).replace(self._path)
        except OSError:
            self._remove_temporary()
            raise

    def discard(self) -> None:
        """Remove the temporary file, so that the name stays as it is."""
        os.close(self._handle)
        self._remove_temporary()

    def _remove_temporary(self) -> None:
        if self._temporary is not None:
            with suppress(OSError):
                Path(self._temporary).unlink()


def is_device(name: str) -> bool:
    """Return whether a name is below `/dev`, such as `/dev/stdout`; a link there is not followed."""
    return _DEVICES in Path(os.path.abspath(name)).parents  # noqa: PTH100 - `resolve` follows links


def check_output(path: Path) -> None:
    """Raise OutputRefused if a file must not be written under this name.

    A relative name must not lead through a link: the checkout decides where that ends. Links in the
    folders of an absolute name belong to the machine.
    """
    if _OWN_FILE.fullmatch(path.name) or _OWN_FOLDERS & set(path.parts):
        raise OutputRefused("it is a file of sendspec")
    names = [path] if path.is_absolute() else [path, *path.parents[:-1]]
    if any(name.is_symlink() for name in names):
        raise OutputRefused("it is a symbolic link, or in a folder that is one")
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise OutputRefused("it is not a regular file")
        if is_file_of_project(path):
            raise OutputRefused("it is a file of the project, not an earlier output of sendspec")
