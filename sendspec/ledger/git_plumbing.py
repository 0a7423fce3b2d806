"""git as the ledger needs it: read a branch of a remote, write a commit, push it as compare-and-swap.

Objects are made with plumbing only: no index, no work tree, no hook and no configuration of the
user's takes part, and the branch that is checked out is never touched.
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
"""Where a clone remembers the last commit of the branch that it has read or pushed."""

_WHOLE: Final = 1_000_000
"""Commits of history that are fetched to be sure; not endless, which git takes for all branches."""

_MOST_SHOWN: Final = 400
_USERINFO: Final = re.compile(r"(?<=://)[^/@\s]+@")
_SETTINGS: Final = ("core.hooksPath=/dev/null", "gc.auto=0", "maintenance.auto=false", "commit.gpgSign=false")
_SETTINGS_PUSH: Final = ("push.gpgSign=false", "push.followTags=false", "push.recurseSubmodules=no")
_IDENTITY: Final = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "sendspec"), ("EMAIL", "sendspec@localhost"))
}


class PushRefused(LedgerError):
    """The remote refused the push for certain: the branch is not where it was read."""


class GitFailed(LedgerError):
    """git ended with an error, or did not end in time; whether a push arrived is not known."""


class Sight(NamedTuple):
    """One look at the branch."""

    tip: str | None
    """Where it is; None where the remote has no such branch."""
    seen: str | None
    """What this clone remembered of it afterwards; None in one that never read it."""


@dataclass(frozen=True, slots=True)
class GitClone:
    """A clone, and the remote of it that keeps the ledger."""

    directory: Path
    remote: str = "origin"
    seconds: float = GIT_CALL_SECONDS_MAX
    _blobs: dict[bytes, str] = field(default_factory=dict, repr=False, compare=False)
    """What was last read or written, by content: most of a commit is as it was in the one before."""
    _deadlines: list[float] = field(default_factory=list, repr=False, compare=False)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit the time of all calls in the block together; a call after that raises GitFailed."""
        self._deadlines.append(time.monotonic() + seconds)
        try:
            yield
        finally:
            self._deadlines.pop()

    def look(self, private_ref: str) -> Sight:
        """Read the branch fresh from the remote, and what this clone remembers of it.

        Raises:
            GitFailed: the remote cannot be read.
        """
        fetched = self._fetch(f"+{BRANCH}:{private_ref}")
        if fetched.returncode == 0:
            refs = self._refs(private_ref, SEEN)
            return Sight(refs[private_ref], refs.get(SEEN))
        # Only a remote that answers, and lists no such branch, has none.
        if not self._run("ls-remote", "--exit-code", "--", self.remote, BRANCH, allowed=(0, 2)).strip():
            return Sight(None, self._refs(SEEN).get(SEEN))
        raise self._failed("fetch", fetched)

    def remember(self, commit: str, before: str | None) -> None:
        """Remember a commit, if what is remembered still is `before`."""
        self._run("update-ref", SEEN, commit, before or "")

    def forget(self, private_ref: str) -> None:
        """Delete a private ref."""
        self._run("update-ref", "-d", private_ref)

    def files(self, commit: str, folder: str) -> dict[str, bytes]:
        """Give the files of a folder in a commit by name; none where there is no such folder.

        Raises:
            GitFailed: the clone cannot give what the commit names.
        """
        entries = [entry.partition("\t") for entry in self._entries(commit, "--", f"{folder}/")]
        blobs = {path.rpartition("/")[2]: kind.split()[2] for kind, _, path in entries}
        if not blobs:
            return {}
        asked = "".join(f"{blob}\n" for blob in blobs.values()).encode()
        contents = tuple(_contents(self._run("cat-file", "--batch", stdin=asked)))
        self._keep(zip(contents, blobs.values(), strict=True))
        return dict(zip(blobs, contents, strict=True))

    def contains(self, tip: str, commit: str) -> bool:
        """Whether `commit` is `tip` or an ancestor of it."""
        code = self._call(("merge-base", "--is-ancestor", commit, tip), None).returncode
        if code not in (0, 1):
            raise GitFailed(f"git cannot say whether {commit[:12]} is in {tip[:12]}")
        return code == 0

    def descends(self, tip: str, commit: str) -> bool:
        """As `contains`, and sure of it: what a shallow clone lacks of the history is fetched."""
        if self.contains(tip, commit):
            return True
        if self._run("rev-parse", "--is-shallow-repository").strip() != b"true":
            return False
        fetched = self._fetch(f"--depth={_WHOLE}", BRANCH)
        if fetched.returncode != 0:
            raise self._failed("fetch", fetched)
        return self.contains(tip, commit)

    def commit(self, parent: str | None, folder: str, files: Mapping[str, bytes], message: str) -> str:
        """Write a commit whose tree is the parent's with `folder` holding exactly `files`."""
        blobs = {content: self._blob(content) for content in files.values()}
        self._keep(blobs.items())
        lines = [f"100644 blob {blobs[content]}\t{name}\0" for name, content in sorted(files.items())]
        tree = self._run("mktree", "-z", stdin="".join(lines).encode()).decode().strip()
        entries = [] if parent is None else self._entries(parent)
        kept = [entry for entry in entries if entry.partition("\t")[2] != folder]
        ours = [f"040000 tree {tree}\t{folder}"] if files else []
        root = self._run("mktree", "-z", stdin="".join(f"{e}\0" for e in (*kept, *ours)).encode())
        parents = () if parent is None else ("-p", parent)
        made = self._run("commit-tree", root.decode().strip(), *parents, stdin=message.encode())
        return made.decode().strip()

    def push(self, commit: str, expected: str | None) -> None:
        """Move the branch from `expected` (None: it does not exist) to `commit`, or leave it alone.

        Raises:
            PushRefused: it was left alone for certain.
            GitFailed: whether it moved is not known.
        """
        lease = f"--force-with-lease={BRANCH}:{expected or ''}"
        arguments = ("push", "--porcelain", "--no-verify", lease, "--", self.remote, f"{commit}:{BRANCH}")
        done = self._call(arguments, None)
        if done.returncode == 0:
            return
        refused = re.search(rb"^!\t[^\t]*\t\[(?:remote )?rejected\] .*$", done.stdout, re.MULTILINE)
        if refused:
            raise PushRefused(self._shown(refused.group().rpartition(b"\t")[2]))
        raise GitFailed(f"git push failed: {self._shown(done.stderr or done.stdout)}")

    def _entries(self, *tree: str) -> list[str]:
        # From the root whatever the directory is: below `specs/` git would look for `specs/production/`.
        listed = self._run("ls-tree", "-z", "--full-tree", *tree).decode()
        return [entry for entry in listed.split("\0") if entry]

    def _blob(self, content: bytes) -> str:
        known = self._blobs.get(content)
        return known or self._run("hash-object", "-w", "--stdin", stdin=content).decode().strip()

    def _keep(self, blobs: Iterable[tuple[bytes, str]]) -> None:
        kept = dict(blobs)
        self._blobs.clear()
        self._blobs.update(kept)

    def _refs(self, *names: str) -> dict[str, str]:
        words = self._run("for-each-ref", "--format=%(refname) %(objectname)", *names).decode().split()
        return dict(zip(words[::2], words[1::2], strict=True))

    def _fetch(self, *what: str) -> subprocess.CompletedProcess[bytes]:
        """Fetch into `what` alone: with its `refmap` git would write a tracking ref that others write too."""
        *options, refspec = what
        quiet = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=")
        return self._call((*quiet, *options, "--", self.remote, refspec), None)

    def _run(self, *arguments: str, stdin: bytes | None = None, allowed: Sequence[int] = (0,)) -> bytes:
        done = self._call(arguments, stdin)
        if done.returncode not in allowed:
            raise self._failed(arguments[0], done)
        return done.stdout

    def _failed(self, command: str, done: subprocess.CompletedProcess[bytes]) -> GitFailed:
        return GitFailed(
            f"git {command} failed: {self._shown(done.stderr)}",
            hint=f"the ledger is a branch of the remote '{self.remote}', which must be reachable",
        )

    def _call(self, arguments: Sequence[str], stdin: bytes | None) -> subprocess.CompletedProcess[bytes]:
        settings = [word for each in (*_SETTINGS, *_SETTINGS_PUSH) for word in ("-c", each)]
        command = ["git", "-C", str(self.directory), *settings, *arguments]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        kept = {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}
        environment = {**inherited, **kept, **_IDENTITY, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        seconds = min([self.seconds, *(deadline - time.monotonic() for deadline in self._deadlines)])
        if seconds <= 0:
            raise GitFailed(f"git {arguments[0]} was not started, because the time for all calls is over")
        # git must outlive the Ctrl-C that asks this run to drain: a session of its own hears no signal.
        try:
            return subprocess.run(  # noqa: S603 - fixed program, arguments after `--` where they are names
                command,
                input=stdin if stdin is not None else b"",
                capture_output=True,
                check=False,
                env=environment,
                timeout=seconds,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as error:
            raise GitFailed(f"git {arguments[0]} did not end within {seconds:.3g} s") from error
        except OSError as error:
            raise GitFailed(
                f"git cannot be started: {error.strerror or error}", hint="install git"
            ) from error

    @staticmethod
    def _shown(output: bytes) -> str:
        text = _USERINFO.sub("", output.decode(errors="replace"))
        line = " ".join(part for part in text.split() if part.isprintable())
        return Redactor()(line[:_MOST_SHOWN]) or "it did not say why"


def _contents(batch: bytes) -> Iterator[bytes]:
    """Take apart what `cat-file --batch` gives: a line that ends in the size, so many bytes, a newline."""
    while batch:
        head, _, rest = batch.partition(b"\n")
        if head.endswith(b" missing"):
            raise GitFailed(
                f"git does not have {head.split()[0].decode()}, which a commit of the ledger names"
            )
        size = int(head.split()[2])
        yield rest[:size]
        batch = rest[size + 1 :]


_KEPT: Final = ("GIT_SSH", "GIT_CONFIG_", "GIT_ASKPASS", "GIT_SSL_", "GIT_PROXY_", "GIT_TRACE")
