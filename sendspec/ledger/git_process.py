"""Processes of git: the work tree, settings and environment of every call, and its time limit."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Final

from sendspec.errors import LedgerError
from sendspec.ledger.safe_git_directory import find_work_tree
from sendspec.protocol_limits import GIT_CALL_SECONDS_MAX
from sendspec.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sendspec.ledger.safe_git_directory import WorkTree

_OUTPUT_SHOWN_MAX: Final = 400
_CONFIG: Final = (
    "core.hooksPath=/dev/null",
    "gc.auto=0",
    "maintenance.auto=false",
    "commit.gpgSign=false",
    "protocol.ext.allow=never",
    "safe.bareRepository=explicit",
)
_REACHABLE: Final = "check that the remote with the ledger branch is reachable"
VERSION_MIN: Final = (2, 38)
"""The first git with `safe.bareRepository`."""

_SECRETS_PREFIX: Final = "SENDSPEC_"
"""Prefix of the variables with credentials, which git and the commands it starts never get."""

_PUSH_CONFIG: Final = ("push.gpgSign=false", "push.followTags=false", "push.recurseSubmodules=no")
_IDENTITY: Final = {
    f"GIT_{role}_{name}": value
    for role in ("AUTHOR", "COMMITTER")
    for name, value in (("NAME", "sendspec"), ("EMAIL", "sendspec@localhost"))
}
_REAL_OBJECTS: Final = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull}
"""Variables that keep `refs/replace` and grafts of a clone from changing the ledger or its history."""

_KEPT_VARIABLES: Final = (
    "GIT_SSH",
    "GIT_CONFIG_",
    "GIT_ASKPASS",
    "GIT_SSL_",
    "GIT_PROXY_",
    "GIT_TRACE",
)
"""Prefixes of the variables for connection and diagnosis; all other GIT_ variables are removed."""


class GitFailed(LedgerError):
    """A git command failed or timed out; if it was a push, its result is not known."""


class GitProcess:
    """Runs git for a project directory; `seconds_max` limits each call.

    With `offline`, git 2.44 or newer does not fetch an object that a partial clone lacks.
    """

    def __init__(self, directory: Path, seconds_max: float, *, offline: bool = False) -> None:
        self._directory = directory
        self._seconds_max = seconds_max
        self._variables = {"GIT_NO_LAZY_FETCH": "1"} if offline else {}
        self._deadlines: list[float] = []
        self._tree: WorkTree | None = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit the time of all calls in the block together; a call after that raises GitFailed."""
        self._deadlines.append(time.monotonic() + seconds)
        try:
            yield
        finally:
            self._deadlines.pop()

    def call(
        self, arguments: Sequence[str], stdin: bytes | None, stdout: IO[bytes] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git on the work tree of the project directory, and return how it ended.

        Its output goes to the file `stdout`, if there is one.

        Raises:
            GitFailed: git cannot start, did not end in time, or cannot use the work tree.
            LedgerError: the project directory is not in a work tree of its own.
        """
        if self._tree is None:
            self._tree = self._check_work_tree()
        tree = self._tree
        place = ("--git-dir", str(tree.git_dir), "--work-tree", str(tree.root))
        return self._execute(tree.root, (*place, *arguments), arguments[0], stdin, stdout)

    @property
    def root(self) -> Path:
        """The root of the work tree; raise LedgerError if there is none."""
        if self._tree is None:
            self._tree = self._check_work_tree()
        return self._tree.root

    def _check_work_tree(self) -> WorkTree:
        """Find the work tree, and let git check its own version and the owner of the tree.

        git skips the check of the owner in calls with `--git-dir`, so this call comes before them.
        """
        tree = find_work_tree(self._directory)
        version = self._execute(tree.root, ("version",), "version", None).stdout
        if _numbers(version) < VERSION_MIN:
            oldest = ".".join(map(str, VERSION_MIN))
            raise GitFailed(
                f"git is older than {oldest}, so it cannot be used safely",
                hint=f"install git {oldest} or newer",
            )
        checked = self._execute(tree.root, ("rev-parse", "--git-dir"), "rev-parse", None)
        if checked.returncode != 0:
            reason = format_output(checked.stderr)
            raise GitFailed(
                f"git cannot use this clone: {reason}", hint="fix what git reports, then try again"
            )
        return tree

    def _execute(
        self,
        root: Path,
        arguments: Sequence[str],
        name: str,
        stdin: bytes | None,
        stdout: IO[bytes] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        config = [word for setting in (*_CONFIG, *_PUSH_CONFIG) for word in ("-c", setting)]
        command = ["git", "--no-replace-objects", "-C", str(root), *config, *arguments]
        seconds = min([self._seconds_max, *(deadline - time.monotonic() for deadline in self._deadlines)])
        if seconds <= 0:
            raise GitFailed(
                f"git {name} was not started, because the time for all calls is over", hint=_REACHABLE
            )
        try:
            process = subprocess.Popen(  # noqa: S603 - fixed program, arguments after `--` where they are names
                command,
                stdin=subprocess.PIPE,
                stdout=stdout or subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**_environment(), **self._variables},
                # A new session keeps Ctrl-C from ending git while this run waits for open requests.
                start_new_session=True,
            )
        except OSError as error:
            raise GitFailed(f"cannot start git: {error.strerror or error}", hint="install git") from error
        with process:
            try:
                out, err = process.communicate(stdin or b"", timeout=seconds)
            except BaseException as error:
                # git starts helpers for the connection; one that goes on could push after the time is over.
                with suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    message = f"git {name} did not end within {seconds:.3g} s"
                    raise GitFailed(message, hint=_REACHABLE) from error
                raise
        return subprocess.CompletedProcess(command, process.returncode, out or b"", err)


def git_version() -> tuple[int, ...] | None:
    """Return the first two numbers of git's version, None if git cannot be started."""
    try:
        done = subprocess.run(
            ["git", "version"],  # noqa: S607 - the git of the other calls
            capture_output=True,
            check=False,
            timeout=GIT_CALL_SECONDS_MAX,
            env=_environment(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _numbers(done.stdout) or None


def _numbers(version: bytes) -> tuple[int, ...]:
    return tuple(map(int, re.findall(rb"\d+", version)[:2]))


def is_tracked(path: Path) -> bool:
    """Return whether git tracks a file, also if git cannot answer; not outside of a work tree."""
    real = path.parent.resolve() / path.name
    try:
        tree = find_work_tree(real.parent)
    except LedgerError:
        return False
    git = GitProcess(tree.root, GIT_CALL_SECONDS_MAX)
    try:
        done = git.call(("ls-files", "--error-unmatch", "--", str(real)), None)
    except LedgerError:
        return True
    return done.returncode == 0


def default_branch(directory: Path) -> str | None:
    """Return the default branch of `origin`: what it answers, else what it answered to an earlier fetch.

    None means that neither is known. The local branches do not count: the one that is checked out is often
    that of a pull request, and its pushes would send.

    Raises:
        LedgerError: git cannot use the clone.
    """
    git = GitProcess(directory, GIT_CALL_SECONDS_MAX)
    recorded = git.call(("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"), None).stdout
    with suppress(GitFailed):
        answer = git.call(("ls-remote", "--symref", "--", "origin", "HEAD"), None).stdout
        found = re.search(rb"^ref: refs/heads/(\S+)\tHEAD$", answer, re.MULTILINE)
        if found:
            return found[1].decode(errors="replace")
    return recorded.decode(errors="replace").strip().removeprefix("refs/remotes/origin/") or None


def _environment() -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(_KEPT_VARIABLES) or not name.startswith(("GIT_", _SECRETS_PREFIX))
    }
    return {**inherited, **_IDENTITY, **_REAL_OBJECTS, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def format_output(output: bytes) -> str:
    """Return git's output on one line, without credentials and phone numbers."""
    line = " ".join(part for part in output.decode(errors="replace").split() if part.isprintable())
    return Redactor()(line[:_OUTPUT_SHOWN_MAX]) or "git printed no reason"
