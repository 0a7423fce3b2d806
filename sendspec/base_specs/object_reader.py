"""Reader of git's objects in the clone of a project: commits, trees and contents, without a checkout."""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from sendspec.errors import SendspecError
from sendspec.ledger.git_process import GitFailed, GitProcess, format_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from io import FileIO
    from pathlib import Path

_SECONDS_MAX: Final = 60
_HASH: Final = re.compile(r"[0-9a-f]{40,64}")
_PLAIN_NAME: Final = re.compile(r"[\w.][\w./-]*")
_ANCESTOR: Final = re.compile(r"[\w./-]+[\^~]\d*")
_COMMITTER: Final = re.compile(rb"^committer .* (\d+) [+-]\d{4}$", re.MULTILINE)
_PARENT: Final = re.compile(rb"^parent ([0-9a-f]{40,64})$", re.MULTILINE)


class RawCommit(NamedTuple):
    """A commit as git stores it: a shallow clone hides the parents that it lacks, but not from here."""

    at: datetime
    parents: tuple[str, ...]


class ObjectReader:
    """Reads git's objects for a project directory; git runs no filter, hook or other program for that."""

    def __init__(self, directory: Path) -> None:
        self._git = GitProcess(directory, _SECONDS_MAX, offline=True)

    @property
    def root(self) -> Path:
        """The root of the work tree; raise LedgerError if there is none."""
        return self._git.root

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Limit the time of all calls in the block together; a call after that raises GitFailed."""
        return self._git.within(seconds)

    def find_commit(self, name: str) -> str | None:
        """Return the commit that a ref or another name of a commit means, None if there is none.

        Raises:
            LedgerError: git cannot use the clone.
        """
        found = self._line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        # git also accepts `^name`, and prints the commit with that sign.
        return found if found is not None and _HASH.fullmatch(found) else None

    def merge_base(self, first: str, second: str) -> str | None:
        """Return the newest common ancestor of two commits that the clone has, None if it has none."""
        return self._line("merge-base", first, second)

    def count_newer(self, commit: str, base: str) -> int | None:
        """Return how many ancestors of `commit` `base` lacks; None in a shallow clone, which has not all."""
        if self._is_shallow():
            return None
        count = self._line("rev-list", "--count", f"{base}..{commit}")
        return int(count) if count is not None else None

    def last_commit(self, commit: str, path: str) -> str | None:
        """Return the last commit before or at `commit` that changed a file, None if it is not known."""
        found = self._line("rev-list", "-1", commit, "--", f":(top,literal){path}")
        # The oldest commit of a shallow clone seems to have changed every file.
        is_edge = found is not None and self.raw_commit(found).parents and not self._parents(found)
        return None if is_edge else found

    def changed_paths(self, before: str, after: str, folder: str) -> frozenset[str]:
        """Return the paths below a folder, from the root, that differ between two commits.

        Raises:
            GitFailed: the clone does not have all trees.
        """
        below = ("--", f":(top,literal){folder}") if folder else ()
        found = self._output("diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after, *below)
        return frozenset(found.decode(errors="surrogateescape").split("\0")) - {""}

    def raw_commit(self, commit: str) -> RawCommit:
        """Return the time and the parents of a commit.

        Raises:
            GitFailed: the clone does not have the commit.
        """
        head = self._output("cat-file", "commit", commit).partition(b"\n\n")[0]
        committed = _COMMITTER.search(head)
        try:
            at = datetime.fromtimestamp(int(committed[1]) if committed else 0, UTC)
        except (OverflowError, ValueError, OSError):
            at = datetime.fromtimestamp(0, UTC)
        return RawCommit(at, tuple(parent.decode() for parent in _PARENT.findall(head)))

    def list_tree(self, commit: str, folder: str) -> bytes:
        """Return the output of `ls-tree -r -z` for a folder of a commit, '' for the whole tree.

        Raises:
            GitFailed: the clone does not have all trees.
        """
        below = ("--", f"{folder}/") if folder else ()
        return self._output("ls-tree", "-r", "-z", "--full-tree", commit, *below)

    def sizes(self, blobs: Sequence[str]) -> Mapping[str, int]:
        """Return the sizes of the objects that the clone has."""
        found = self._output("cat-file", "--batch-check", stdin=_lines(blobs)).decode().splitlines()
        words = [line.split() for line in found]
        return {line[0]: int(line[2]) for line in words if len(line) == len(("object", "type", "size"))}

    def read(self, blobs: Sequence[str]) -> dict[str, bytes]:
        """Return the contents of objects; raise GitFailed if the clone lacks one."""
        rest, contents = self._output("cat-file", "--batch", stdin=_lines(blobs)), dict[str, bytes]()
        while rest:
            head, _, rest = rest.partition(b"\n")
            words = head.split()
            if len(words) != len(("object", "type", "size")):
                _refuse_missing_objects("it lacks an object of the base")
            size = int(words[2])
            contents[words[0].decode()] = rest[:size]
            rest = rest[size + 1 :]
        return contents

    def copy(self, blob: str) -> FileIO:
        """Return the content of an object in a new file without a name, which ends with this process.

        Raises:
            GitFailed: the clone does not have it.
            SendspecError: the file cannot be written.
        """
        try:
            file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - the caller closes it
        except OSError as error:
            raise _write_error(error) from error
        done = self._git.call(("cat-file", "blob", blob), None, file)
        if done.returncode != 0:
            file.close()
            _refuse_missing_objects(format_output(done.stderr))
        return file

    def fetch_hint(self, name: str) -> str:
        """Return the hint for a commit that the clone lacks."""
        if _ANCESTOR.fullmatch(name) and self._is_shallow():
            return "run `git fetch --deepen=1`, or `actions/checkout` with `fetch-depth: 2`"
        remotes = self._output("remote").decode(errors="replace").split()
        remote, _, branch = name.partition("/")
        if remote in remotes and _PLAIN_NAME.fullmatch(branch):
            return f"run `git fetch {remote} {branch}`"
        if "origin" in remotes and _PLAIN_NAME.fullmatch(name):
            return f"run `git fetch origin {name}`, or name another ref, such as origin/main"
        return "name a branch, a tag or a commit of this clone, or the directory of another checkout"

    def _is_shallow(self) -> bool:
        return self._line("rev-parse", "--is-shallow-repository") != "false"

    def _parents(self, commit: str) -> tuple[str, ...]:
        line = self._line("rev-list", "-1", "--parents", commit) or ""
        return tuple(line.split()[1:])

    def _line(self, *arguments: str) -> str | None:
        """Return the output of a call on one line, None if it failed or printed nothing."""
        done = self._git.call(arguments, None)
        text = done.stdout.decode(errors="replace").strip()
        return text.splitlines()[0] if done.returncode == 0 and text else None

    def _output(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        done = self._git.call(arguments, stdin)
        if done.returncode != 0:
            _refuse_missing_objects(format_output(done.stderr))
        return done.stdout


def _lines(blobs: Iterable[str]) -> bytes:
    return "".join(f"{blob}\n" for blob in blobs).encode()


def _refuse_missing_objects(reason: str) -> NoReturn:
    raise GitFailed(
        f"this clone cannot read the base: {reason}",
        hint="use a clone with all objects, such as one without `--filter`",
    )


def _write_error(error: OSError) -> SendspecError:
    return SendspecError(
        f"cannot store a list of the base: {error.strerror or error}",
        hint="free disk space, or set TMPDIR to a folder with more space",
    )
