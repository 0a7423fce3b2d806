"""The stand-ins of the rehearsal refuse what the real actions, pip and hosts refuse."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.ledgers import git
from tests.rehearsal.act import Invocation, find, run
from tests.rehearsal.calls import granted_permissions, startup_errors
from tests.rehearsal.copies import ACTIONS, rewritten, used_repositories
from tests.rehearsal.git_server import GitServer
from tests.rehearsal.installer import RefusedError, install

HASH = f"--hash=sha256:{'a' * 64}"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
FOLDER = ["--no-deps", "--no-build-isolation"]


@pytest.mark.parametrize(
    ("line", "is_pinned"),
    [
        (f"click==8.5.1 {HASH}", True),
        (f'click==8.5.1 ; python_version < "3.12" \\\n    {HASH} \\\n    {HASH}', True),
        ("click==8.5.1", False),
        (f"click>=8.5.1 {HASH}", False),
        ("click==8.5.1 --hash=md5:0123", False),
        ("sendspec @ git+https://example.org/sendspec", False),
    ],
)
def test_the_installer_accepts_pinned_and_hashed_requirements_only(tmp_path, line, is_pinned):
    """A requirement has one version and a SHA-256."""
    path = tmp_path / "requirements.txt"
    path.write_text(f"# a comment\n{line}\n")
    arguments = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(path)]
    if is_pinned:
        assert install(arguments) is None
    else:
        with pytest.raises(RefusedError, match="not pinned"):
            install(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--requirement", "requirements.txt"],
        [str(ACTIONS.parents[2])],
        ["--no-deps", str(ACTIONS.parents[2])],
        [*FOLDER, "sendspec"],
        ["--index-url", "https://example.org"],
    ],
)
def test_the_installer_refuses_calls_that_could_fetch_other_code(tmp_path, monkeypatch, arguments):
    """Requirements need their hashes; a folder is a checkout of sendspec and installed alone."""
    monkeypatch.chdir(tmp_path)
    Path("requirements.txt").write_text(f"click==8.5.1 {HASH}\n")
    with pytest.raises(RefusedError):
        install(arguments)


def test_the_installer_accepts_a_checkout():
    """The folder of the action is the only one that it installs."""
    assert install([*FOLDER, "--no-index", str(ACTIONS.parents[2])]) == str(ACTIONS.parents[2])


def test_the_copy_differs_only_in_the_notations_that_act_rejects():
    """`$/` becomes the repository and the commit, and `queue` disappears."""
    step = "  - uses: $/.github/actions/sendspec # own\n"
    text = f"jobs:\n{step}  concurrency:\n    queue: max # all\n    group: a\n"
    own = f"acme/sendspec/.github/actions/sendspec@{COMMIT}"
    expected = f"jobs:\n  - uses: {own} # own\n  concurrency:\n    group: a\n"
    assert rewritten(text, "acme/sendspec", COMMIT) == expected
    assert used_repositories([expected]) == {("acme/sendspec", COMMIT)}


def test_the_git_server_knows_who_may_read_and_push(tmp_path):
    """Without a token it answers 401, and a push with a token that may only read gets 403."""
    remote = tmp_path / "acme" / "specs"
    remote.mkdir(parents=True)
    git("init", "--quiet", "--bare", ".", where=remote)
    git("config", "http.receivepack", "true", where=remote)
    git("init", "--quiet", "clone", where=tmp_path)
    git("commit", "--quiet", "--allow-empty", "--message=one", where=tmp_path / "clone")
    with GitServer(tmp_path, {"reader": False, "writer": True}) as server:
        codes = {}
        for token in ("", "reader", "writer"):
            url = f"{server.url}/acme/specs".replace("://", f"://x:{token}@")
            for command in (("ls-remote", url), ("push", url, "HEAD:refs/heads/new")):
                done = subprocess.run(
                    ["git", *command],
                    cwd=tmp_path / "clone",
                    env=os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true"},
                    capture_output=True,
                    check=False,
                )
                codes[token, command[0]] = done.returncode
    assert {key for key, code in codes.items() if code == 0} == {
        ("reader", "ls-remote"),
        ("writer", "ls-remote"),
        ("writer", "push"),
    }
    assert server.refused == ["/acme/specs/info/refs?service=git-receive-pack"]


CALLER = f"""\
on: push
jobs:
  keep:
    runs-on: ubuntu-24.04
    steps:
      - run: mkdir -p a/.b && echo 1 > a/one.txt && echo 2 > a/.b/two.txt && echo 3 > three.txt
      - id: keep
        uses: actions/upload-artifact@{COMMIT}
        with:
          name: kept
          path: |
            a/**
            missing/*.txt
      - uses: actions/upload-artifact@{COMMIT}
        with: {{name: hidden, path: a, include-hidden-files: true}}
      - uses: actions/upload-artifact@{COMMIT}
        with: {{name: none, path: missing.txt, if-no-files-found: ignore}}
      - id: again
        continue-on-error: true
        uses: actions/upload-artifact@{COMMIT}
        with: {{name: kept, path: three.txt}}
      - run: echo "${{{{ steps.keep.outputs.artifact-url }}}} ${{{{ steps.again.outcome }}}}"
  fetch:
    needs: keep
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/download-artifact@{COMMIT}
        with: {{name: kept, path: got}}
      - run: find got -type f
      - uses: actions/download-artifact@{COMMIT}
        with: {{name: none}}
"""


@pytest.mark.skipif(find() is None, reason="act is not installed; it exists for Linux on x86-64")
def test_artifacts_reach_later_jobs(tmp_path):
    """Hidden files and second artifacts of a name are left out, and a missing artifact is an error."""
    (tmp_path / "caller.yml").write_text(CALLER)
    names = ("upload-artifact", "download-artifact")
    invocation = Invocation(
        "push",
        workflow=tmp_path / "caller.yml",
        payload={"ref": "refs/heads/main", "repository": {"default_branch": "main"}},
        repositories={f"actions/{name}@{COMMIT}": ACTIONS / name for name in names},
        variables={
            "SHA_REF": COMMIT,
            "GITHUB_REPOSITORY": "acme/specs",
            "GITHUB_SERVER_URL": "http://127.0.0.1",
            "GITHUB_RUN_ID": "7",
            "REHEARSAL_ARTIFACTS": str(tmp_path / "artifacts"),
            "REHEARSAL_PYTHON": "python3",
        },
        secrets={"GITHUB_TOKEN": "token"},
    )
    done = run(invocation, tmp_path / "run")
    assert done.results == {"keep": "success", "fetch": "failure"}, done.log
    assert "http://127.0.0.1/acme/specs/actions/runs/7/artifacts/1 failure" in done.jobs["keep"].output
    assert "got/a/one.txt" in done.jobs["fetch"].output
    kept = sorted(
        str(path.relative_to(tmp_path / "artifacts" / "7"))
        for path in tmp_path.glob("artifacts/7/*/files/**/*.txt")
    )
    assert kept == ["hidden/files/.b/two.txt", "hidden/files/one.txt", "kept/files/a/one.txt"]
    assert (done.code, done.codes) == (1, [1, 1])


@pytest.mark.parametrize(
    ("caller", "errors"),
    [
        ("permissions: {pull-requests: write}, with: {target: a}", []),
        ("permissions: {pull-requests: read}, with: {target: a}", ["asks for pull-requests: write"]),
        ("permissions: {}, with: {target: a}", ["asks for pull-requests: write"]),
        ("permissions: {pull-requests: write}, with: {}", ["requires inputs target"]),
        ("permissions: {pull-requests: write}, with: {target: a, b: c}", ["has no inputs b"]),
        (
            "permissions: {pull-requests: write}, with: {target: a}, secrets: {KEY: a, B: c}",
            ["has no secrets B"],
        ),
    ],
)
def test_errors_because_of_which_github_starts_no_run(tmp_path, caller, errors):
    """GitHub compares permissions, inputs and secrets of a call before a run starts; act does not."""
    called = tmp_path / "sendspec" / ".github" / "workflows" / "plan.yml"
    called.parent.mkdir(parents=True)
    called.write_text(
        "on: {workflow_call: {inputs: {target: {required: true}}, secrets: {KEY: {required: false}}}}\n"
        "jobs: {a: {if: false, permissions: {pull-requests: write}}}\n"
    )
    uses = f"acme/sendspec/.github/workflows/plan.yml@{COMMIT}"
    path = tmp_path / "caller.yml"
    path.write_text(f"jobs: {{a: {{{caller}, uses: {uses}}}}}\n")
    repositories = {f"acme/sendspec@{COMMIT}": tmp_path / "sendspec"}
    assert startup_errors(path, repositories) == [f"plan.yml {error}" for error in errors]


def test_the_token_of_a_fork_only_reads(tmp_path):
    """The token of a run has the permissions of all its jobs; for a fork it may only read."""
    path = tmp_path / "caller.yml"
    path.write_text("jobs: {a: {permissions: {contents: read}}, b: {permissions: {contents: write}}}\n")
    assert granted_permissions(path, of_fork=False) == {"contents": "write"}
    assert granted_permissions(path, of_fork=True) == {"contents": "read"}
