"""The git plumbing of the git ledger: fetch a branch, write a commit, push with compare-and-swap.

Only plumbing commands are used. So the index, the work tree, hooks and the user's configuration are not
involved, and the checked-out branch never changes.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.errors import LedgerError
from sendspec.ledger.branch_identity import normalize_url
from sendspec.ledger.git_process import GitFailed, GitProcess, format_output
from sendspec.protocol_limits import GIT_CALL_SECONDS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from subprocess import CompletedProcess

BRANCH: Final = "refs/heads/sendspec-state"
SEEN: Final = "refs/sendspec/seen"
"""The ref of a clone for the last commit of the branch that the clone has fetched or pushed."""

_FULL_DEPTH: Final = 1_000_000
"""The `--depth` that fetches the whole history; git applies `--unshallow` to all branches instead."""

_FILE_MODES: Final = ("100644", "100755", "100664")

_NO_FILES: Final[Mapping[str, bytes]] = MappingProxyType({})
_CHECK_CLONE: Final = "check this clone with `git fsck`, or use a new clone"


class PushRejected(LedgerError):
    """The remote rejected the push, so the branch did not move to the pushed commit."""


class FetchedTip(NamedTuple):
    """The branch at one fetch."""

    tip: str | None
    """The commit of the branch; None if the remote does not have the branch."""
    remembered: str | None
    """The commit in `SEEN`, read after the fetch; None if this clone has never read the branch."""


class GitClone:
    """A clone, and the remote with the ledger branch; `timeout_seconds` limits each call of git."""

    def __init__(
        self, directory: Path, remote: str = "origin", timeout_seconds: float = GIT_CALL_SECONDS_MAX
    ) -> None:
        self.directory = directory
        self.remote = remote
        self._process = GitProcess(directory, timeout_seconds)
        self._url: str | None = None
        self._blobs: dict[bytes, str] = {}
        # A commit changes few files of the one before, so the last blobs are kept by their content.

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Limit the time of all calls in the block together; a call after that raises GitFailed."""
        return self._process.within(seconds)

    def remote_url(self) -> str | None:
        """Return the URL that git fetches from, None if the clone does not have the remote.

        Raises:
            LedgerError: git cannot use the clone.
        """
        done = self._process.call(("remote", "get-url", self.remote), None)
        return done.stdout.decode(errors="replace").rstrip("\n") if done.returncode == 0 else None

    def normalized_url(self) -> str:
        """Return the repository that the remote leads to, see `branch_identity.normalize_url`.

        Raises:
            LedgerError: the clone does not have the remote. git would take its name for a path then.
        """
        if self._url is None:
            url = self.remote_url()
            if url is None:
                raise LedgerError(
                    f"this clone does not have the remote '{self.remote}', which the ledger branch is on",
                    hint="add it with `git remote add`, or set `ledger: {type: git, remote: NAME}`",
                )
            self._url = normalize_url(url, self._process.root)
        return self._url

    def accepts(self, ledger_id: str) -> bool:
        """Return whether a person accepted the ledger of this id for this clone, by any URL."""
        done = self._process.call(("config", "--local", "--get-all", "sendspec.ledger"), None)
        return ledger_id in done.stdout.decode(errors="replace").split()

    def read_root_file(self, commit: str, name: str) -> bytes | None:
        """Return a file in the root of a commit, None if it does not exist."""
        listed = self._run("cat-file", "--batch", stdin=f"{commit}:{name}\n".encode())
        return None if listed.endswith(b" missing\n") else next(_parse_batch(listed))

    def contains(self, tip: str, commit: str) -> bool:
        """Return whether `commit` is `tip` or an ancestor of it, although this clone may not have it."""
        if not self._has(commit):
            shallow = self._run("rev-parse", "--is-shallow-repository").strip() == b"true"
            if not shallow or self._fetch(f"--depth={_FULL_DEPTH}", BRANCH).returncode != 0:
                return False
        return self._has(commit) and self.is_ancestor(commit, tip, deepen=True)

    def _has(self, commit: str) -> bool:
        listed = self._run("cat-file", "--batch-check", stdin=f"{commit}\n".encode())
        return b" commit " in listed

    def local_tips(self) -> tuple[str, ...]:
        """Return the commits of the branch that this clone has, of any remote, without a fetch."""
        name = BRANCH.rpartition("/")[2]
        refs = self._read_refs(SEEN, BRANCH, f"refs/remotes/*/{name}")
        return tuple(dict.fromkeys(refs.values()))

    def list_folders(self, commit: str) -> tuple[str, ...]:
        """Return the names of the folders in the root of a commit."""
        entries = (entry.partition("\t") for entry in self._list_tree(commit))
        return tuple(name for attributes, _, name in entries if attributes.split()[1] == "tree")

    def fetch_tip(self, private_ref: str) -> FetchedTip:
        """Fetch the branch into `private_ref`.

        Raises:
            LedgerError: the clone does not have the remote.
            GitFailed: the remote cannot be read.
        """
        self.normalized_url()
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

    def private_directory(self) -> Path:
        """Return the folder for sendspec's own files beside the objects of this clone."""
        path = self._run("rev-parse", "--path-format=absolute", "--git-common-dir").decode().rstrip("\n")
        return Path(path) / "sendspec"

    def read_files(self, commit: str, folder: str) -> dict[str, bytes]:
        """Return the files of a folder of a commit by name; empty if the folder does not exist.

        Raises:
            GitFailed: the clone does not have the objects of the commit.
            LedgerError: the folder has an entry that sendspec cannot have written.
        """
        blobs = dict(_parse_file(entry) for entry in self._list_tree(commit, "--", f"{folder}/"))
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

    def commit(
        self,
        parent: str | None,
        folder: str,
        files: Mapping[str, bytes],
        message: str,
        *,
        root_files: Mapping[str, bytes] = _NO_FILES,
    ) -> str:
        """Write a commit with the parent's tree, in which `folder` contains exactly `files`.

        `root_files` are added to the root, or replaced there.
        """
        blobs = {content: self._write_blob(content) for content in (*files.values(), *root_files.values())}
        self._cache_blobs(blobs.items())
        lines = [f"100644 blob {blobs[content]}\t{name}\0" for name, content in sorted(files.items())]
        tree = self._run("mktree", "-z", stdin="".join(lines).encode()).decode().strip()
        entries = [] if parent is None else self._list_tree(parent)
        kept = [entry for entry in entries if entry.partition("\t")[2] not in (folder, *root_files)]
        added = [f"040000 tree {tree}\t{folder}"] if files else []
        added += [f"100644 blob {blobs[content]}\t{name}" for name, content in root_files.items()]
        listed = "".join(f"{entry}\0" for entry in (*kept, *added)).encode(errors="surrogateescape")
        root = self._run("mktree", "-z", stdin=listed)
        parents = () if parent is None else ("-p", parent)
        commit = self._run("commit-tree", root.decode().strip(), *parents, stdin=message.encode())
        return commit.decode().strip()

    def join(self, commit: str, other: str, message: str) -> str:
        """Write a commit with the tree of `commit` and both as parents."""
        parents = ("-p", commit, "-p", other)
        joined = self._run("commit-tree", f"{commit}^{{tree}}", *parents, stdin=message.encode())
        return joined.decode().strip()

    def push(self, commit: str, expected: str | None) -> None:
        """Move the branch from `expected` (None: the branch does not exist) to `commit`.

        Raises:
            PushRejected: the branch was not at `expected` and did not move.
            GitFailed: the branch may or may not have moved.
        """
        lease = f"--force-with-lease={BRANCH}:{expected or ''}"
        arguments = ("push", "--porcelain", lease, "--", self.remote, f"{commit}:{BRANCH}")
        done = self._process.call(arguments, None)
        if done.returncode == 0:
            return
        rejection = re.search(rb"^!\t[^\t]*\t\[(?:remote )?rejected\] .*$", done.stdout, re.MULTILINE)
        if rejection:
            raise PushRejected(format_output(rejection.group().rpartition(b"\t")[2]))
        output = format_output(done.stderr or done.stdout)
        hint = f"{self._reachable}, and that these credentials may push to it"
        raise GitFailed(f"git push failed: {output}", hint=hint)

    def check_push(self) -> None:
        """Check that the remote would let this clone push; nothing is pushed.

        The remote checks the credentials, but not the rules of the branch.

        Raises:
            GitFailed: the remote refuses this clone, or the clone has never read the branch.
        """
        arguments = ("push", "--dry-run", "--porcelain", "--", self.remote, f"{SEEN}:{BRANCH}")
        done = self._process.call(arguments, None)
        # If another run has pushed meanwhile, git reports that after the remote accepted the credentials.
        if done.returncode != 0 and not done.stdout.startswith(b"To "):
            raise self._error("push", done)

    def _is_local_ancestor(self, commit: str, tip: str) -> bool:
        code = self._process.call(("merge-base", "--is-ancestor", commit, tip), None).returncode
        if code not in (0, 1):
            message = f"git cannot determine whether {commit[:12]} is an ancestor of {tip[:12]}"
            raise GitFailed(message, hint=_CHECK_CLONE)
        return code == 0

    def _list_tree(self, *tree: str) -> list[str]:
        # Without --full-tree, git below `specs/` would list `specs/production/`.
        # A name on the branch may be any bytes, and the names in the root are written back as they are.
        listed = self._run("ls-tree", "-z", "--full-tree", *tree).decode(errors="surrogateescape")
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

    def _fetch(self, *options_and_refspec: str) -> CompletedProcess[bytes]:
        *options, refspec = options_and_refspec
        # The empty --refmap keeps git from updating the tracking ref, which other processes lock.
        quiet = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=")
        return self._process.call((*quiet, *options, "--", self.remote, refspec), None)

    def _run(self, *arguments: str, stdin: bytes | None = None, allowed: Sequence[int] = (0,)) -> bytes:
        done = self._process.call(arguments, stdin)
        if done.returncode not in allowed:
            raise self._error(arguments[0], done)
        return done.stdout

    def _error(self, command: str, done: CompletedProcess[bytes]) -> GitFailed:
        return GitFailed(
            f"git {command} failed: {format_output(done.stderr)}",
            hint=self._reachable,
        )

    @property
    def _reachable(self) -> str:
        return f"check that the remote '{self.remote}', which has the ledger branch, is reachable"


def _parse_file(entry: str) -> tuple[str, str]:
    """Return the name and the blob of a file in the output of `ls-tree`.

    Raises:
        LedgerError: it is a folder, a link or a submodule, or its name is not UTF-8.
    """
    attributes, _, path = entry.partition("\t")
    mode, _, blob = attributes.split()
    name = path.rpartition("/")[2]
    if mode not in _FILE_MODES or not _is_utf8(name):
        shown = path.encode(errors="surrogateescape").decode(errors="backslashreplace")
        raise LedgerError(
            f"the branch sendspec-state has an entry that sendspec did not write: '{shown}'",
            hint="find out with `git log` who added it, and remove it with a new commit",
        )
    return name, blob


def _is_utf8(name: str) -> bool:
    return name.encode(errors="replace") == name.encode(errors="surrogateescape")


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
