"""The action that installs sendspec and runs one verb: hostile text, exit codes, hashes and the token.

`sendspec` is a script here, which prints text that a hostile spec could contain. `test_workflow_runs.py`
runs the action with the real one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.expressions import evaluate
from tests.runner import Job, Machine
from tests.workflows import ACTION, action_step, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "\n::error::no\n  ::set-output name=a::b\n##[command]\n```\n</details>\rlone\n"


@pytest.fixture
def machine(tmp_path) -> Machine:
    """Return a machine whose `sendspec` prints its arguments and hostile text, and exits with $FAILS."""
    (tmp_path / "hostile.txt").write_text(HOSTILE, newline="")
    command = tmp_path / "fake-sendspec"
    command.write_text(
        "#!/bin/sh\n"
        'echo "pid $$ state $XDG_STATE_HOME"\n'
        'for word in "$@"; do echo "argument <$word>"; done\n'
        f"cat {tmp_path}/hostile.txt\n"
        'exit "${FAILS:-0}"\n'
    )
    command.chmod(0o755)
    return Machine(tmp_path, tmp_path, command=command)


def use(machine: Machine, env: dict[str, str] | None = None, **inputs: str) -> Job:
    """Return a job with one step, which uses the action."""
    values = {key.replace("_", "-"): value for key, value in inputs.items()}
    step = {"uses": "$/.github/actions/sendspec", "id": "it", "with": values}
    return Job(machine, {"steps": [step]}, {"runner.temp": str(machine.temp)}, env or {})


def test_the_action_has_the_inputs_that_are_documented():
    """Workflows, page and callers name these inputs and outputs."""
    action = read_yaml(ACTION)
    assert list(action["inputs"]) == [
        "verb",
        "directory",
        "target",
        "arguments",
        "python-version",
        "extras",
    ]
    assert list(action["outputs"]) == [
        "ready",
        "has-changes",
        "due",
        "people",
        "digest",
        "failure-reason",
        "needs-attention",
        "items",
        "settled",
        "handed",
        "not-handed",
    ]


def test_commands_to_the_runner_are_off_before_anything_is_printed(machine):
    """The first line turns workflow commands off with a random token."""
    outputs = [use(machine, verb="plan").run().output for _ in range(2)]
    first = [output.split("\n", 1)[0] for output in outputs]
    assert all(re.fullmatch(r"::stop-commands::[0-9a-f]{32}", line) for line in first)
    assert first[0] != first[1]
    assert all("::error::no" in output for output in outputs)


def test_the_verb_is_the_process_that_a_cancellation_signals(machine):
    """The shell of the step is replaced by sendspec, because the runner signals only the first process."""
    job = use(machine, {"FAILS": "3"}, verb="apply")
    with job.started("Run apply") as process:
        pid = process.pid
        process.wait()
    assert f"pid {pid} state {machine.temp}/state\n" in job.output
    assert job.code == 3


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"verb": "plan"}, ["plan", "--target=sandbox", "--", "specs"]),
        (
            {"verb": "github comment", "arguments": "--pull-request=7\na b.md\n\n$(id)\n", "target": "x y"},
            ["github", "comment", "--target=x y", "--pull-request=7", "a b.md", "$(id)", "--", "specs"],
        ),
        (
            {"verb": "apply", "directory": "", "target": "", "arguments": "--dir=specs\nplan.json"},
            ["apply", "--dir=specs", "plan.json"],
        ),
        ({"verb": "plan", "directory": "--help"}, ["plan", "--target=sandbox", "--", "--help"]),
    ],
)
def test_each_line_of_the_arguments_is_one_argument(inputs, words, machine):
    """The shell splits and executes nothing of an input; an empty directory or target is left out."""
    output = use(machine, **inputs).run().output
    assert re.findall("argument <(.*)>", output) == words


def test_annotations_are_printed_after_the_verb_where_commands_work(machine):
    """A file of the format github is printed by a later step, also if the verb failed."""
    annotations = machine.temp / "annotations.txt"
    annotations.write_text("::error file=a.yaml::no\n")
    job = use(machine, {"FAILS": "3"}, verb="plan", arguments=f"--format=github={annotations}").run()
    assert job.log[-1] == "::error file=a.yaml::no\n"
    assert job.code == 3


def test_without_a_verb_the_action_only_installs(machine):
    """It runs no sendspec, so that a job can install before a step has secrets."""
    assert "argument" not in use(machine).run().output


def test_a_second_use_in_a_job_installs_nothing(machine):
    """The steps that run foreign code are left out, so they never see the secrets of the second use."""
    installing = ["Look for sendspec", "Install Python", "Install sendspec"]
    assert use(machine).run().ran[1:] == installing
    assert use(machine, verb="plan").run().ran[1:] == ["Look for sendspec", "Run plan"]


@pytest.mark.parametrize("extras", ["dev", "../x", "parquet,nothing", "-x"])
def test_an_extra_that_does_not_exist_is_an_error(extras, machine):
    """The action names it before it installs anything."""
    job = use(machine, extras=extras).run()
    assert job.code == 1
    assert "does not exist; nothing was installed" in job.output


def test_git_gets_the_token_for_this_server_only(tmp_path):
    """The credential helper of the step answers for GitHub only, with the token of the job or of the user."""
    for context, token in (({}, "sesame"), ({"env.GITHUB_TOKEN": "another"}, "another")):
        names = {"github.server_url": "https://github.com", "github.token": "sesame", **context}
        step = action_step("Run")
        variables = {key: evaluate(value, names) for key, value in step["env"].items()} | {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        assert {"username=x-access-token", f"password={token}"} <= set(_fill("github.com", variables))
        assert f"password={token}" not in _fill("example.com", variables)


def _fill(host: str, variables: dict[str, str]) -> list[str]:
    request = f"protocol=https\nhost={host}\n\n"
    command = ["git", "credential", "fill"]
    return subprocess.run(
        command,
        input=request,
        env=variables,
        cwd=variables["HOME"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()


class Checkout:
    """A copy of the action above a small project named sendspec, and a package that it needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temp = folder / "temp"
        self.action = folder / "repository" / ".github" / "actions" / "sendspec"
        self.action.mkdir(parents=True)
        self.temp.mkdir()
        shutil.copy(ACTION, self.action)
        package = folder / "needed-1-py3-none-any.whl"
        self.write_wheel(package, "needed", "1", {"needed.py": "WORD = 'pinned'\n"})
        self._digest = hashlib.sha256(package.read_bytes()).hexdigest()
        backend = self.folder / "repository" / "backend.py"
        backend.write_text(
            "from pathlib import Path\n"
            "import shutil\n"
            "def build_wheel(folder, settings=None, metadata=None):\n"
            f"    wheel = Path({str(folder / 'sendspec-7-py3-none-any.whl')!r})\n"
            "    shutil.copy(wheel, folder)\n"
            "    return wheel.name\n"
        )
        (backend.parent / "pyproject.toml").write_text(
            "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
        )
        module = "import sys, needed\ndef main(): print(needed.WORD, *sys.argv[1:])\n"
        entry = "[console_scripts]\nsendspec = own:main\n"
        self.write_wheel(folder / "sendspec-7-py3-none-any.whl", "sendspec", "7", {"own.py": module}, entry)

    def pin(self, digest: str) -> str:
        """Pin the package to a digest; return the right one."""
        (self.action / "requirements.txt").write_text(f"needed==1 --hash=sha256:{digest}\n")
        return self._digest

    def write_wheel(
        self, path: Path, name: str, version: str, files: dict[str, str], entry: str = ""
    ) -> None:
        about = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(path, "w") as wheel:
            for file, text in files.items():
                wheel.writestr(file, text)
            metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            wheel.writestr(f"{about}/METADATA", metadata)
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{about}/entry_points.txt", entry)
            wheel.writestr(f"{about}/RECORD", "")

    def install(self) -> subprocess.CompletedProcess[str]:
        """Run the installing step with real pip, which reads only the wheels of this folder."""
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.temp),
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_PATH": str(self.temp / "path"),
            "FILES": "requirements.txt",
            "FOLDER": str(self.temp / "sendspec"),
            "PYTHON": shutil.which("python3") or "",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_FIND_LINKS": str(self.folder),
            "PIP_NO_INDEX": "1",
        }
        (self.temp / "path").touch()
        command = [
            "bash",
            "--noprofile",
            "--norc",
            "-eo",
            "pipefail",
            "-c",
            action_step("Install sendspec")["run"],
        ]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_pip_installs_the_own_commit_with_pinned_packages_only(tmp_path):
    """A package of another hash is refused; then only the command of sendspec is added to the path."""
    checkout = Checkout(tmp_path)
    digest = checkout.pin("0" * 64)
    refused = checkout.install()
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in refused.stderr
    assert (refused.returncode, (checkout.temp / "path").read_text()) == (1, "")
    checkout.pin(digest)
    done = checkout.install()
    assert (done.returncode, done.stdout) == (0, "pinned --version\n"), done.stderr
    added = checkout.temp / "sendspec" / "command"
    assert (checkout.temp / "path").read_text() == f"{added}\n"
    assert [path.name for path in added.iterdir()] == ["sendspec"]
