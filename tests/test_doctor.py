"""`sendspec doctor`: each reason of each check, with real servers, and that it writes nothing."""

from __future__ import annotations

import json
import os
import re
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sendspec import schema
from sendspec.doctor import CHECKS, CheckReason, CheckState, Examination, run_checks
from sendspec.doctor.examination import Read
from sendspec.doctor.machine import examine_machine
from sendspec.doctor.work_tree import examine_work_tree
from sendspec.model import Location, Locations
from sendspec.report.doctor.sentences import SENTENCES
from sendspec.structs import replace
from tests.doctored import COMMIT, GROWS_ONLY, LEDGER, SECRETS, SETTINGS, Doctored
from tests.github_api import Fault, Token
from tests.ledgers import git, remote_with_clones
from tests.projects import GATE, MESSAGE, TEASER, project
from tests.servers import ScriptedServer, envelope, refusing_port, response, serving
from tests.snapshots import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.processes.runs import Done
    from tests.servers import Request

HEALTHY = {
    reason
    for reason in CheckReason
    if reason.state is CheckState.PASS
    and reason
    not in {
        CheckReason.STATE_OF_RUNNER,
        CheckReason.LOG_KEY_OF_MACHINE,
        CheckReason.SELF_REVIEW_ALLOWED,
    }
}
"""Every reason of a check that passes, except those of other machines and weaker settings."""

EXPIRED = '    notAfter: "2020-01-01T00:00:00Z"\n'
READER = "ghs_tokenThatReadsNoSettings01234567"


@pytest.fixture
def healthy(tmp_path, monkeypatch, cli) -> Iterator[Doctored]:
    """Return a repository in which every check passes."""
    with ExitStack() as stack:
        yield Doctored.create(stack, tmp_path, monkeypatch, cli)


def stable(text: str, healthy: Doctored) -> str:
    """Return a text without versions, and without a folder and a port that differ from run to run."""
    text = text.replace(os.environ["XDG_STATE_HOME"], "STATE")
    text = text.replace(healthy.vendor.base_url.netloc.decode(), "VENDOR")
    return re.sub(r"(?<=Python )[0-9.]+|(?<=: git )[0-9.]+", "VERSION", text)


def test_a_healthy_repository(healthy, snapshot):
    """Every check passes, in text and JSON; nothing is written, and no secret is in an output."""
    before = healthy.tip(), sorted(healthy.clone.rglob("specs/**/*"))
    done = healthy.cli("doctor", "--target", "production")
    assert done.code == 0, done.out
    assert done.err == ""
    assert stable(done.out, healthy) == snapshot(extension_class=Text)
    assert done.out.endswith(f"No check of target production failed; {len(CHECKS)} passed, 0 not checked.\n")
    assert (healthy.tip(), sorted(healthy.clone.rglob("specs/**/*"))) == before
    assert healthy.github.writes() == []
    assert [call.method for call in healthy.github.recorded] == ["GET"] * len(healthy.github.recorded)
    received = healthy.vendor.stats()["received"]
    assert not {"job", "contacts", "external-consent"} & {name for name, count in received.items() if count}
    document = healthy.cli("doctor", "--target", "production", "--format", "json")
    value = json.loads(document.out)
    assert schema.check("doctor", value, Locations(Location("doctor"))) == []
    assert [check["check"] for check in value["checks"]] == [check.id for check in CHECKS]
    assert {check["reason"] for check in value["checks"]} == {reason.code for reason in HEALTHY}
    assert "0123456789abcdef" not in done.out + document.out + document.err


# ── what a person can do wrong, and the reason that the check gives


def without_token(healthy: Doctored) -> None:
    healthy.patch.delenv("GITHUB_TOKEN")


def with_reader(healthy: Doctored) -> None:
    healthy.github.state.tokens[READER] = Token(permissions={"contents": "read"})
    healthy.github.state.rules.clear()
    healthy.github.state.protections = {"main": {"x": {}}, LEDGER: {"x": {}}}
    healthy.patch.delenv("GITHUB_TOKEN")
    healthy.patch.setenv("GH_TOKEN", READER)


def without_protection(healthy: Doctored) -> None:
    healthy.github.state.environments["production"] = {"can_admins_bypass": True}
    healthy.github.state.rules.clear()
    healthy.github.state.secrets = {"": ["SENDSPEC_LOG_KEY"], "organization": ["SENDSPEC_CLIENT_SECRET"]}
    healthy.github.state.workflow_permissions["default_workflow_permissions"] = "write"


def with_weak_protection(healthy: Doctored) -> None:
    policy = {"protected_branches": True, "custom_branch_policies": False}
    reviewers = [{"type": "required_reviewers", "prevent_self_review": False, "reviewers": [{}]}]
    healthy.github.state.environments["production"] = {
        "protection_rules": reviewers,
        "deployment_branch_policy": policy,
    }
    healthy.github.state.environments["production-status"] = {}
    healthy.github.state.rules[LEDGER] = [GROWS_ONLY[0], {"type": "pull_request"}]
    healthy.github.state.workflow_permissions["can_approve_pull_request_reviews"] = True


def with_other_branches(healthy: Doctored) -> None:
    healthy.github.state.branch_policies["production"] = ["main", "release/*"]
    healthy.github.state.rules[LEDGER] = [GROWS_ONLY[1]]


def without_environment(healthy: Doctored) -> None:
    healthy.github.state.environments.clear()


def with_rejected_token(healthy: Doctored) -> None:
    healthy.github.faults.append(Fault("GET", "^$", 401))


def without_repository(healthy: Doctored) -> None:
    healthy.github.faults.append(Fault("GET", "^$", 404))


def with_broken_github(healthy: Doctored) -> None:
    healthy.patch.setenv("GITHUB_API_URL", "http://example.com")


def without_status_secrets(healthy: Doctored) -> None:
    healthy.github.state.secrets["production-status"] = ["SENDSPEC_CLIENT_ID"]


def without_status_workflow(healthy: Doctored) -> None:
    del healthy.github.state.environments["production-status"]
    (healthy.clone / ".github" / "workflows" / "sendspec-status.yml").unlink()


def with_other_default_branch(healthy: Doctored) -> None:
    healthy.github.state.default_branch = "trunk"


Defects = dict["Callable[[Doctored], None]", dict[str, CheckReason]]
GITHUB: Defects = {
    without_token: {
        "github-access": CheckReason.NO_GITHUB_TOKEN,
        "environment": CheckReason.NO_SETTINGS,
        "environment-admins": CheckReason.NO_SETTINGS,
        "repository-secrets": CheckReason.NO_SETTINGS,
        "ledger-branch": CheckReason.NO_SETTINGS,
    },
    with_reader: {
        "github-access": CheckReason.GITHUB_READ,
        "environment": CheckReason.MAY_NOT_READ,
        "environment-reviewers": CheckReason.NO_ENVIRONMENT,
        "repository-secrets": CheckReason.MAY_NOT_READ,
        "default-branch": CheckReason.PROTECTION_HIDDEN,
        "ledger-branch": CheckReason.PROTECTION_HIDDEN,
        "ledger-branch-pushes": CheckReason.PROTECTION_HIDDEN,
        "job-tokens": CheckReason.MAY_NOT_READ,
    },
    without_protection: {
        "environment-reviewers": CheckReason.REVIEWERS_MISSING,
        "environment-self-review": CheckReason.SELF_REVIEW_ALLOWED,
        "environment-branches": CheckReason.ANY_BRANCH,
        "environment-admins": CheckReason.ADMINS_MAY_BYPASS,
        "environment-secrets": CheckReason.SECRETS_MISSING,
        "repository-secrets": CheckReason.SHARED_SECRETS,
        "default-branch": CheckReason.REVIEW_NOT_REQUIRED,
        "ledger-branch": CheckReason.BRANCH_UNPROTECTED,
        "ledger-branch-pushes": CheckReason.PUSHES_ALLOWED,
        "job-tokens": CheckReason.TOKENS_MAY_WRITE,
    },
    with_weak_protection: {
        "environment-reviewers": CheckReason.REVIEWERS_REQUIRED,
        "environment-self-review": CheckReason.SELF_REVIEW_ALLOWED,
        "environment-branches": CheckReason.PROTECTED_BRANCHES,
        "status-environment": CheckReason.ANY_BRANCH,
        "environment-admins": CheckReason.BYPASS_NOT_REPORTED,
        "ledger-branch": CheckReason.BRANCH_CAN_BE_MOVED,
        "ledger-branch-pushes": CheckReason.PUSHES_REFUSED,
        "job-tokens": CheckReason.TOKENS_MAY_APPROVE,
    },
    with_other_branches: {
        "environment-branches": CheckReason.OTHER_BRANCHES,
        "ledger-branch": CheckReason.BRANCH_CAN_BE_DELETED,
    },
    without_environment: {
        "environment": CheckReason.ENVIRONMENT_MISSING,
        "status-environment": CheckReason.STATUS_ENVIRONMENT_MISSING,
        "status-secrets": CheckReason.NO_ENVIRONMENT,
        "environment-branches": CheckReason.NO_ENVIRONMENT,
        "environment-secrets": CheckReason.NO_ENVIRONMENT,
    },
    with_rejected_token: {
        "github-access": CheckReason.GITHUB_TOKEN_REJECTED,
        "workflows-branch": CheckReason.ONLY_DEFAULT_TRIGGERS,
    },
    without_repository: {"github-access": CheckReason.GITHUB_REPOSITORY_HIDDEN},
    with_broken_github: {
        "github-access": CheckReason.GITHUB_NOT_READ,
        "default-branch": CheckReason.NO_SETTINGS,
    },
    without_status_secrets: {"status-secrets": CheckReason.SECRETS_MISSING},
    without_status_workflow: {"status-environment": CheckReason.NO_STATUS_ENVIRONMENT},
    with_other_default_branch: {
        "workflows-branch": CheckReason.OTHER_TRIGGERS,
        "environment-branches": CheckReason.OTHER_BRANCHES,
    },
}


def without_credentials(healthy: Doctored) -> None:
    healthy.patch.delenv("SENDSPEC_REFRESH_TOKEN")


def with_refused_credentials(healthy: Doctored) -> None:
    healthy.patch.setenv("SENDSPEC_REFRESH_TOKEN", " ")
    healthy.patch.setenv("SENDSPEC_LOG_KEY", "short")


def without_log_key_in_ci(healthy: Doctored) -> None:
    healthy.patch.delenv("SENDSPEC_LOG_KEY")
    healthy.patch.setenv("CI", "true")


def without_log_key(healthy: Doctored) -> None:
    healthy.patch.delenv("SENDSPEC_LOG_KEY")


def without_state(healthy: Doctored) -> None:
    healthy.patch.setenv("XDG_STATE_HOME", "/proc/sys/kernel")


def with_unknown_message(healthy: Doctored) -> None:
    other = TEASER.replace(MESSAGE, MESSAGE.replace("58c", "58d")).replace("4396816", "4396817")
    (healthy.clone / "specs" / "campaigns" / "c1.yaml").write_text(other)


def with_other_files(healthy: Doctored) -> None:
    github = healthy.clone / ".github"
    (github / "workflows" / "other.yml").write_text("jobs: {a: {steps: [{uses: actions/checkout@v7}]}}\n")
    (github / "CODEOWNERS").write_text("* @REPLACE-ME/sms-reviewers\n")
    plan = github / "workflows" / "sendspec-plan.yml"
    plan.write_text(plan.read_text().replace("79de82", "79de83"))


def with_broken_workflow(healthy: Doctored) -> None:
    (healthy.clone / ".github" / "workflows" / "other.yml").write_text("jobs: [\n")
    (healthy.clone / ".github" / "CODEOWNERS").unlink()
    healthy.install_from(healthy.clone / "installed", "unknown")


def without_workflows(healthy: Doctored) -> None:
    for path in (healthy.clone / ".github" / "workflows").iterdir():
        path.unlink()


def without_project(healthy: Doctored) -> None:
    (healthy.clone / "specs" / "sendspec.yaml").unlink()


def with_invalid_project(healthy: Doctored) -> None:
    (healthy.clone / "specs" / "sendspec.yaml").write_text("version: 2\n")


def with_file_ledger(healthy: Doctored) -> None:
    healthy.write_settings(str(healthy.vendor.base_url), ledger="file")
    (healthy.clone / ".git" / "refs" / "sendspec").rename(healthy.clone / ".git" / "seen")
    assert healthy.cli("init", "--ledger", "--empty", "--target", "production").code == 0


def without_ledger(healthy: Doctored) -> None:
    git("update-ref", "-d", f"refs/heads/{LEDGER}", where=healthy.remote)
    git("update-ref", "-d", "refs/sendspec/seen", where=healthy.clone)


def with_moved_ledger(healthy: Doctored) -> None:
    git("remote", "set-url", "origin", str(healthy.remote.parent / "nowhere.git"), where=healthy.clone)


def without_push(healthy: Doctored) -> None:
    elsewhere = str(healthy.remote.parent / "nowhere.git")
    git("remote", "set-url", "--push", "origin", elsewhere, where=healthy.clone)


OTHERS: Defects = {
    without_credentials: {
        "credentials": CheckReason.CREDENTIALS_UNUSABLE,
        "token": CheckReason.NO_CREDENTIALS,
        "programs": CheckReason.NO_TOKEN,
        "host": CheckReason.HOST_ANSWERS,
    },
    with_refused_credentials: {"log-key": CheckReason.LOG_KEY_UNUSABLE},
    without_log_key_in_ci: {
        "log-key": CheckReason.LOG_KEY_MISSING,
        "state-directory": CheckReason.STATE_OF_RUNNER,
    },
    without_log_key: {"log-key": CheckReason.LOG_KEY_OF_MACHINE},
    with_unknown_message: {"published-messages": CheckReason.IDS_NOT_LISTED},
    with_other_files: {
        "workflows-pinned": CheckReason.USES_NOT_PINNED,
        "workflows-version": CheckReason.OTHER_VERSION,
        "code-owners": CheckReason.OWNERS_PLACEHOLDER,
    },
    with_broken_workflow: {
        "workflows-pinned": CheckReason.WORKFLOWS_UNUSABLE,
        "workflows-version": CheckReason.VERSION_NOT_KNOWN,
        "code-owners": CheckReason.NO_OWNERS,
    },
    without_workflows: {
        "workflows-pinned": CheckReason.NO_WORKFLOWS,
        "workflows-version": CheckReason.NO_CALLERS,
    },
    without_project: {
        "project": CheckReason.PROJECT_MISSING,
        "host": CheckReason.NO_TARGET,
        "ledger": CheckReason.NO_TARGET,
        "ledger-push": CheckReason.NO_TARGET,
        "ledger-branch": CheckReason.NO_TARGET,
    },
    with_invalid_project: {"project": CheckReason.PROJECT_UNUSABLE},
    with_file_ledger: {
        "ledger": CheckReason.LEDGER_READ,
        "ledger-push": CheckReason.LEDGER_IN_FILES,
        "ledger-branch": CheckReason.LEDGER_IN_FILES,
    },
    without_ledger: {
        "ledger": CheckReason.LEDGER_MISSING,
        "ledger-push": CheckReason.LEDGER_NOT_READ,
        "programs": CheckReason.LEDGER_NOT_READ,
    },
    with_moved_ledger: {
        "ledger": CheckReason.LEDGER_UNUSABLE,
        "workflows-branch": CheckReason.ONLY_DEFAULT_TRIGGERS,
    },
    without_push: {"ledger-push": CheckReason.PUSH_REFUSED},
}
CASES = GITHUB | OTHERS
RUNS = (
    (without_token, without_credentials, with_broken_workflow, without_push),
    (with_reader, with_refused_credentials, with_other_files),
    (without_protection, without_log_key_in_ci, without_workflows),
    (with_weak_protection, without_log_key, with_unknown_message),
    (with_other_branches, with_moved_ledger),
    (without_environment, without_ledger),
    (without_project,),
    (with_broken_github, with_invalid_project),
    (with_rejected_token,),
    (without_repository,),
    (without_status_secrets, with_other_default_branch),
    (without_status_workflow,),
    (with_file_ledger,),
)
"""The defects of each run, which are independent of each other."""


def names_of(run: tuple[Callable[[Doctored], None], ...]) -> str:
    return " and ".join(change.__name__ for change in run)


@pytest.mark.parametrize("changes", RUNS, ids=names_of)
def test_each_defect_has_its_reason(changes, healthy):
    """Each check names what is wrong, and one that fails has a remedy; GitHub gets reads only."""
    expected: dict[str, str] = {}
    for change in changes:
        change(healthy)
        expected |= {name: reason.code for name, reason in CASES[change].items()}
    found = healthy.run()
    assert {name: found[name]["reason"] for name in expected} == expected
    assert [name for name, check in found.items() if check["result"] == "fail" and not check["remedy"]] == []
    assert healthy.github.writes() == []


def test_a_check_that_was_not_made_is_named_in_the_verdict(healthy):
    """Without a failure the last line says first how many checks say nothing."""
    without_token(healthy)
    done = healthy.cli("doctor", "--target", "production")
    assert done.code == 0
    assert re.search(
        r"^\d+ checks of target production could not be made; no other check failed; \d+ passed\.$",
        done.out,
        re.MULTILINE,
    )


# ── the branches whose pushes send

CALL = f"jobs: {{a: {{uses: acme/sendspec/.github/workflows/NAME.yml@{COMMIT}}}}}\n"
ACTION = f"acme/sendspec/.github/actions/sendspec@{COMMIT}"
STEP = f"jobs: {{a: {{steps: [{{uses: {ACTION}, with: {{verb: NAME}}}}]}}}}\n"


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ("push", "every branch"),
        ("[push, schedule]", "every branch"),
        ("{push: }", "every branch"),
        ("{push: {branches-ignore: [main]}}", "every branch"),
        ("{push: {branches: [main, fc]}}", "fc"),
        ("{push: {branches: fc}}", "fc"),
        ('{push: {branches: ["**"]}}', "**"),
        ("{push: {tags: [v1]}}", "tag v1"),
        ("{push: {branches: [main]}}", None),
        ("{push: {branches: main, paths: [specs/**]}}", None),
        ("{schedule: [], workflow_dispatch: }", None),
        ("schedule", None),
        ("[]", None),
    ],
)
def test_the_branches_whose_pushes_send(events, found, tmp_path):
    """Each form of `push` counts, in callers of `apply.yml` and in steps with the verb, and in no others."""
    _, [clone] = remote_with_clones(tmp_path, 1)
    folder = clone / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "plan.yml").write_text("on: push\n" + CALL.replace("NAME", "plan"))
    (folder / "step.yml").write_text("on: push\n" + STEP.replace("NAME", "plan"))
    (folder / "other.yml").write_text(
        "on: push\n" + CALL.replace("NAME", "apply").replace("sendspec", "infra")
    )
    machine = examine_machine({"XDG_STATE_HOME": str(tmp_path)}, in_ci=False)
    for text in (CALL.replace("NAME", "apply"), STEP.replace("NAME", "apply")):
        (folder / "deploy.yaml").write_text(f"on: {events}\n{text}")
        tree = examine_work_tree(clone, {})
        examination = Examination("specs", "x", machine, Read(), work_tree=tree)
        [result] = [each for each in run_checks(examination) if each.check == "workflows-branch"]
        names = f"{found} (.github/workflows/deploy.yaml)"
        expected = {"branch": "main"} | ({} if found is None else {"names": names})
        assert result.facts == expected
    examination = replace(examination, work_tree=replace(tree, default_branch=None))
    assert CheckReason.DEFAULT_NOT_KNOWN in {each.reason for each in run_checks(examination)}


# ── the host, its clock and its answers


def vendor_of(seconds: float | None, answers: dict[str, bytes]) -> ScriptedServer:
    """Return a vendor with these answers, whose clock is so many seconds ahead; None: it has no clock."""

    def handle(request: Request) -> bytes:
        if request.method != "HEAD":
            return answers[request.method]
        at = datetime.now(UTC) + timedelta(seconds=seconds or 0)
        date = "yesterday" if seconds is None else format_datetime(at, usegmt=True)
        return response(404, b"", {"Date": date})

    return ScriptedServer((serving(handle),))


TOKEN = response(200, {"access_token": "granted", "expires_in": 14400})
REFUSED = response(400, {"error": "invalid_grant", "error_description": "the token has expired"})


@pytest.mark.parametrize(
    ("seconds", "answers", "clock", "other"),
    [
        (
            -40,
            {"POST": TOKEN, "GET": response(403, envelope(None, ["No rights"]))},
            CheckReason.CLOCK_AHEAD,
            CheckReason.LISTS_NOT_READ,
        ),
        (40, {"POST": REFUSED}, CheckReason.CLOCK_BEHIND, CheckReason.TOKEN_REFUSED),
        (None, {"POST": response(503, b"")}, CheckReason.NO_VENDOR_TIME, CheckReason.TOKEN_UNAVAILABLE),
        (20, {"POST": TOKEN}, CheckReason.CLOCK_RIGHT, CheckReason.NO_IDS),
    ],
)
def test_answers_of_the_host(seconds, answers, clock, other, fake_vendor):
    """The clock may differ by 30 seconds; the probe has no credentials, and no pending send needs no list."""
    campaign = GATE if "GET" in answers else GATE + EXPIRED
    vendor, found = fake_vendor(seconds, answers, campaign)
    assert found["clock"] == clock.code
    assert other.code in (found["token"], found["programs"])
    assert "authorization" not in vendor.requests[0].headers
    assert found["workflows-pinned"] == CheckReason.NO_REPOSITORY.code


@pytest.fixture
def fake_vendor(cli, tmp_path, monkeypatch) -> Callable[..., tuple[ScriptedServer, dict[str, str]]]:
    """Return a function that runs `doctor` with a vendor of these answers."""
    for name in SECRETS:
        monkeypatch.setenv(name, "0123456789abcdef0123456789abcdef")

    def run(seconds: float | None, answers: dict[str, bytes], campaign: str) -> Any:
        with vendor_of(seconds, answers) as vendor:
            settings = SETTINGS.format(url=vendor.base_url, ledger="file")
            project(tmp_path / "specs", campaign, settings=settings)
            assert cli("init", "--ledger", "--empty", "--target", "production").code == 0
            return vendor, reasons(cli("doctor", "--target", "production", "--format", "json"))

    return run


def test_a_host_that_does_not_answer(cli, tmp_path, monkeypatch):
    """The host fails, the clock is not checked, and the credentials are not sent."""
    for name in SECRETS:
        monkeypatch.setenv(name, "0123456789abcdef0123456789abcdef")
    with refusing_port() as port:
        settings = SETTINGS.format(url=f"http://127.0.0.1:{port}", ledger="file")
        project(tmp_path / "specs", GATE, settings=settings)
        done = cli("doctor", "--target", "production", "--format", "json")
    found = reasons(done)
    assert (done.code, found["host"], found["clock"]) == (1, "host-silent", "no-vendor-time")


def test_the_built_in_sandbox_needs_no_vendor(cli, tmp_path):
    """Without a target, only the machine, the project and its files are checked."""
    project(tmp_path / "specs", GATE)
    done = cli("doctor", "--format", "json")
    found = reasons(done)
    assert (done.code, found["host"], found["ledger"]) == (0, "built-in-sandbox", "ledger-read")


def reasons(done: Done) -> dict[str, str]:
    return {check["check"]: check["reason"] for check in json.loads(done.out)["checks"]}


# ── the machine


@pytest.mark.parametrize(
    ("script", "reason"),
    [("echo git version 2.37.9", CheckReason.GIT_TOO_OLD), ("exit 127", CheckReason.GIT_MISSING)],
)
def test_the_git_of_the_machine(script, reason, cli, tmp_path, monkeypatch):
    """An old git, and a git that does not run, fail with the version to install."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    project(tmp_path / "specs", GATE)
    assert reasons(cli("doctor", "--format", "json"))["git-version"] == reason.code


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_writable": False}, CheckReason.STATE_NOT_WRITABLE),
        ({"has_fsync": False}, CheckReason.STATE_WITHOUT_FSYNC),
        ({"filesystem": "tmpfs"}, CheckReason.STATE_VOLATILE),
        ({"filesystem": "ext4"}, CheckReason.STATE_DURABLE),
    ],
)
def test_the_folder_of_the_memory(changes, reason, tmp_path):
    """The facts about the folder decide; no test can mount a filesystem of each kind."""
    machine = examine_machine({"XDG_STATE_HOME": str(tmp_path)}, in_ci=False)
    assert (machine.state.is_writable, machine.state.has_fsync) == (True, True)
    assert machine.state.filesystem
    facts = replace(machine, state=machine.state._replace(**changes), python=(3, 10, 2))
    found = {result.check: result.reason for result in run_checks(Examination("specs", "x", facts, Read()))}
    assert (found["state-directory"], found["python-version"]) == (reason, CheckReason.PYTHON_TOO_OLD)


def test_every_reason_occurs():
    """Each reason is in a table of this module, and has a sentence; each name of a check is unique."""
    assert {change for run in RUNS for change in run} == set(CASES)
    in_tables = {reason for expected in CASES.values() for reason in expected.values()} | HEALTHY
    source = Path(__file__).read_text()
    others = {reason for reason in CheckReason if f"CheckReason.{reason.name}" in source}
    codes = {CheckReason.HOST_SILENT, CheckReason.BUILT_IN_SANDBOX}
    assert in_tables | others | codes == set(CheckReason) == set(SENTENCES)
    assert len({check.id for check in CHECKS}) == len(CHECKS)
