"""The git plumbing of the git ledger: fetch a branch, write a commit, push with compare-and-swap.

Only plumbing commands are used. So the index, the work tree, hooks and the user's configuration are not
involved, and the checked-out branch never changes.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.errors import LedgerError
from sendspec.limits import GIT_CALL_SECONDS_MAX
from sendspec.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

BRANCH: Final = "refs/heads/sendspec-state"
SEEN: Final = "refs/sendspec/seen"
"""The ref of a clone for the last commit of the branch that the clone has fetched or pushed."""

_FULL_DEPTH: Final = 1_000_000
"""The `--depth` that fetches the whole history; git applies `--unshallow` to all branches instead."""

_OUTPUT_SHOWN_MAX: Final = 400
_CHECK_CLONE: Final = "check this clone with `git fsck`, or use a new clone"
_USERINFO: Final = re.compile(r"(?<=://)[^/@\s]+@")
_CONFIG: Final = ("core.hooksPath=/dev/null", "gc.auto=0", "maintenance.auto=false", "commit.gpgSign=false")
_PUSH_CONFIG: Final = ("push.gpgSign=false", "push.followTags=false", "push.recurseSubmodules=no")
_IDENTITY: Final = {
    f"GIT_{role}_{name}": value
    for role in ("AUTHOR", "COMMITTER")
    for name, value in (("NAME", "sendspec"), ("EMAIL", "sendspec@localhost"))
}
_KEPT_VARIABLES: Final = (
    "GIT_SSH",
    "GIT_CONFIG_",
    "GIT_ASKPASS",
    "GIT_SSL_",
    "GIT_PROXY_",
    "GIT_TRACE",
)
"""Prefixes of the variables for connection and diagnosis; all other GIT_ variables are removed."""


class PushRejected(LedgerError):
    """The remote rejected the push, so the branch did not move to the pushed commit."""


class GitFailed(LedgerError):
    """A git command failed or timed out; if it was a push, its result is not known."""


class FetchedTip(NamedTuple):
    """The branch at one fetch."""

    tip: str | None
    """The commit of the branch; None if the remote does not have the branch."""
    remembered: str | None
    """The commit in `SEEN`, read after the fetch; None if this clone has never read the branch."""


@dataclass(frozen=True, slots=True)
class GitClone:
    """A clone, and the remote with the ledger branch."""

    directory: Path
    remote: str = "origin"
    timeout_seconds: float = GIT_CALL_SECONDS_MAX
    _blobs: dict[bytes, str] = field(default_factory=dict, repr=False, compare=False)
    """A cache of the last blobs by content, because a commit changes few files of the one before."""
    _deadlines: list[float] = field(default_factory=list, repr=False, compare=False)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit the time of all calls in the block together; a call after that raises GitFailed."""
        self._deadlines.append(time.monotonic() + seconds)
        try:
            yield
        finally:
            self._deadlines.pop()

    def fetch_tip(self, private_ref: str) -> FetchedTip:
        """Fetch the branch into `private_ref`.

        Raises:
            GitFailed: the remote cannot be read.
        """
        fetched = self._fetch(f"+{BRANCH}:{private_ref}")
        if fetched.returncode == 0:
            refs = self._read_refs(private_ref, SEEN)
            return FetchedTip(refs[private_ref], refs.get(SEEN))
        # The branch is missing only if the remote answers and does not list it.
        if not self._run("ls-remote", "--exit-code", "--", self.remote, BRANCH, allowed=(0, 2)).strip():
            return FetchedTip(None, self._read_refs(SEEN).get(SEEN))
        raise self._error("fetch", fetched)

    def remember_tip(self, commit: str, expected: str | None) -> None:
        """Set `SEEN` to `commit` if it is still `expected`; raise GitFailed if it is not."""
        self._run("update-ref", SEEN, commit, expected or "")

    def delete_ref(self, private_ref: str) -> None:
        """Delete a private ref."""
        self._run("update-ref", "-d", private_ref)

    def read_files(self, commit: str, folder: str) -> dict[str, bytes]:
        """Return the files of a folder of a commit by name; empty if the folder does not exist.

        Raises:
            GitFailed: the clone does not have the objects of the commit.
        """
        entries = [entry.partition("\t") for entry in self._list_tree(commit, "--", f"{folder}/")]
        blobs = {path.rpartition("/")[2]: kind.split()[2] for kind, _, path in entries}
        if not blobs:
            return {}
        names = "".join(f"{blob}\n" for blob in blobs.values()).encode()
        contents = tuple(_parse_batch(self._run("cat-file", "--batch", stdin=names)))
        self._cache_blobs(zip(contents, blobs.values(), strict=True))
        return dict(zip(blobs, contents, strict=True))

    def is_ancestor(self, commit: str, tip: str, *, deepen: bool = False) -> bool:
        """Return whether `commit` is `tip` or an ancestor of it.

        With `deepen` a shallow clone fetches the missing history before it returns False.
        """
        if self._is_local_ancestor(commit, tip):
            return True
        if not deepen or self._run("rev-parse", "--is-shallow-repository").strip() != b"true":
            return False
        fetched = self._fetch(f"--depth={_FULL_DEPTH}", BRANCH)
        if fetched.returncode != 0:
            raise self._error("fetch", fetched)
        return self._is_local_ancestor(commit, tip)

    def commit(self, parent: str | None, folder: str, files: Mapping[str, bytes], message: str) -> str:
        """Write a commit with the parent's tree, in which `folder` contains exactly `files`."""
        blobs = {content: self._write_blob(content) for content in files.values()}
        self._cache_blobs(blobs.items())
        lines = [f"100644 blob {blobs[content]}\t{name}\0" for name, content in sorted(files.items())]
        tree = self._run("mktree", "-z", stdin="".join(lines).encode()).decode().strip()
        entries = [] if parent is None else self._list_tree(parent)
        kept = [entry for entry in entries if entry.partition("\t")[2] != folder]
        added = [f"040000 tree {tree}\t{folder}"] if files else []
        root = self._run("mktree", "-z", stdin="".join(f"{e}\0" for e in (*kept, *added)).encode())
        parents = () if parent is None else ("-p", parent)
        commit = self._run("commit-tree", root.decode().strip(), *parents, stdin=message.encode())
        return commit.decode().strip()

    def push(self, commit: str, expected: str | None) -> None:
        """Move the branch from `expected` (None: the branch does not exist) to `commit`.

        Raises:
            PushRejected: the branch was not at `expected` and did not move.
            GitFailed: the branch may or may not have moved.
        """
        lease = f"--force-with-lease={BRANCH}:{expected or ''}"
        arguments = ("push", "--porcelain", "--no-verify", lease, "--", self.remote, f"{commit}:{BRANCH}")
        done = self._call(arguments, None)
        if done.returncode == 0:
            return
        rejection = re.search(rb"^!\t[^\t]*\t\[(?:remote )?rejected\] .*$", done.stdout, re.MULTILINE)
        if rejection:
            raise PushRejected(_format_output(rejection.group().rpartition(b"\t")[2]))
        output = _format_output(done.stderr or done.stdout)
        raise GitFailed(f"git push failed: {output}", hint=self._reachable)

    def _is_local_ancestor(self, commit: str, tip: str) -> bool:
        code = self._call(("merge-base", "--is-ancestor", commit, tip), None).returncode
        if code not in (0, 1):
            message = f"git cannot determine whether {commit[:12]} is an ancestor of {tip[:12]}"
            raise GitFailed(message, hint=_CHECK_CLONE)
        return code == 0

    def _list_tree(self, *tree: str) -> list[str]:
        # Without --full-tree, git below `specs/` would list `specs/production/`.
        listed = self._run("ls-tree", "-z", "--full-tree", *tree).decode()
        return [entry for entry in listed.split("\0") if entry]

    def _write_blob(self, content: bytes) -> str:
        cached = self._blobs.get(content)
        return cached or self._run("hash-object", "-w", "--stdin", stdin=content).decode().strip()

    def _cache_blobs(self, blobs: Iterable[tuple[bytes, str]]) -> None:
        cached = dict(blobs)
        self._blobs.clear()
        self._blobs.update(cached)

    def _read_refs(self, *names: str) -> dict[str, str]:
        words = self._run("for-each-ref", "--format=%(refname) %(objectname)", *names).decode().split()
        return dict(zip(words[::2], words[1::2], strict=True))

    def _fetch(self, *options_and_refspec: str) -> subprocess.CompletedProcess[bytes]:
        *options, refspec = options_and_refspec
        # The empty --refmap keeps git from updating the tracking ref, which other processes lock.
        quiet = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=")
        return self._call((*quiet, *options, "--", self.remote, refspec), None)

    def _run(self, *arguments: str, stdin: bytes | None = None, allowed: Sequence[int] = (0,)) -> bytes:
        done = self._call(arguments, stdin)
        if done.returncode not in allowed:
            raise self._error(arguments[0], done)
        return done.stdout

    def _error(self, command: str, done: subprocess.CompletedProcess[bytes]) -> GitFailed:
        return GitFailed(
            f"git {command} failed: {_format_output(done.stderr)}",
            hint=self._reachable,
        )

    @property
    def _reachable(self) -> str:
        return f"check that the remote '{self.remote}', which has the ledger branch, is reachable"

    def _call(self, arguments: Sequence[str], stdin: bytes | None) -> subprocess.CompletedProcess[bytes]:
        config = [word for setting in (*_CONFIG, *_PUSH_CONFIG) for word in ("-c", setting)]
        command = ["git", "-C", str(self.directory), *config, *arguments]
        seconds = min([self.timeout_seconds, *(deadline - time.monotonic() for deadline in self._deadlines)])
        if seconds <= 0:
            message = f"git {arguments[0]} was not started, because the time for all calls is over"
            raise GitFailed(message, hint=self._reachable)
        try:
            return subprocess.run(  # noqa: S603 - fixed program, arguments after `--` where they are names
                command,
                input=stdin if stdin is not None else b"",
                capture_output=True,
                check=False,
                env=_environment(),
                timeout=seconds,
                # A new session keeps Ctrl-C from ending git while this run waits for open requests.
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as error:
            message = f"git {arguments[0]} did not end within {seconds:.3g} s"
            raise GitFailed(message, hint=self._reachable) from error
        except OSError as error:
            raise GitFailed(f"cannot start git: {error.strerror or error}", hint="install git") from error


def _environment() -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT_VARIABLES)
    }
    return {**inherited, **_IDENTITY, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _format_output(output: bytes) -> str:
    """Return git's output on one line, without credentials and phone numbers."""
    text = _USERINFO.sub("", output.decode(errors="replace"))
    line = " ".join(part for part in text.split() if part.isprintable())
    return Redactor()(line[:_OUTPUT_SHOWN_MAX]) or "git printed no reason"


def _parse_batch(output: bytes) -> Iterator[bytes]:
    """Yield the contents in the output of `cat-file --batch`: a line with the size, content, newline."""
    while output:
        head, _, rest = output.partition(b"\n")
        if head.endswith(b" missing"):
            message = f"git does not have object {head.split()[0].decode()} of a ledger commit"
            raise GitFailed(message, hint=_CHECK_CLONE)
        size = int(head.split()[2])
        yield rest[:size]
        output = rest[size + 1 :]
