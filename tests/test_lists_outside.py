"""Lists outside of the repository: named by their SHA-256, fetched by an earlier step, absent elsewhere."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from arro3.core import Array

from sendspec.audience.list_contacts import read_list
from sendspec.audience.list_files import open_list
from sendspec.errors import SpecError
from sendspec.load import load_project
from sendspec.model import ContactFile, LedgerState, PlanReason, Sign
from sendspec.plan import plan_project, sends_without_list
from sendspec.preview.changes import snapshot
from sendspec.render import render
from sendspec.report.reasons import reason_text
from sendspec.structs import replace
from tests.branching import against, of
from tests.field.test_exclude_lists import commit, findings, plan, rendered
from tests.ledgers import git
from tests.plans import NOW, SENT, UNKNOWN, UNSENT, record_of
from tests.projects import CONTACTS, GATE, TEASER, lockfile, number, people, project
from tests.sandboxed import sandboxed
from tests.test_arrow_lists import PEOPLE, TEXT, parquet
from tests.test_status_rows import FAILS, QUICK

INSIDE = "{file: ../contacts/people.csv}"
OPT_OUT = f"phoneNumber\n{number(1)}\n"
ABSENT = "0" * 64


def digest(data: str | bytes) -> str:
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def outside(name: str = "vip.csv", data: str | bytes = "", sha256: str | None = None) -> str:
    """Return how the specs name a list outside, by default that of three people."""
    return f"{{file: '{name}', sha256: {sha256 or digest(data or people(3))}}}"


def sale(contacts: str | None = None, more: str = "") -> str:
    return CONTACTS.replace(INSIDE, contacts or outside()) + more


def excluding(entry: str, campaign: str) -> str:
    return campaign.replace("sends:", f"exclude: [{entry}]\nsends:")


def store(data: str | bytes | None = None, name: str = "vip.csv") -> Path:
    """Write a list into the contacts directory, and return the directory."""
    path = Path("store") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else (data or people(3)).encode())
    return Path("store")


def signs(value: dict[str, Any]) -> dict[str, str]:
    return {action["address"]: action["sign"] for action in value["actions"]}


@pytest.mark.parametrize("source", ["option", "environment"])
def test_a_list_outside_is_planned_and_sent(source, cli, tmp_path, monkeypatch):
    """The plan shows its name, digest and counts, and the ledger has the same as for a list in git."""
    words = ("--contacts-dir", store())
    if source == "environment":
        monkeypatch.setenv("SENDSPEC_CONTACTS_DIR", "store")
        words = ()
    specs = project(tmp_path / "specs", sale())
    shown = cli("plan", *words)
    assert shown.code == 0
    assert f" vip.csv (SHA-256 {digest(people(3))[:12]}…), 3 rows: 3 recipients" in shown.out
    [action] = plan(cli, *words)["actions"]
    assert (action["recipients"], action["absentLists"]) == (3, [])
    assert action["contacts"]["sha256"] == digest(people(3))
    assert rendered(cli("render", *words)) == [number(0), number(1), number(2)]
    assert cli("validate", *words).code == 0
    assert cli("apply", "--auto-approve", *words).code == 0
    recipients = lockfile(specs)["sends"]["sale/last-call"]["recipients"]
    project(specs, CONTACTS)
    again = plan(cli)
    assert (signs(again), findings(again, "changed-after-send")) == ({"sale/last-call": "="}, [])
    assert recipients["count"] == 3


@pytest.mark.parametrize("purpose", ["contacts", "exclude list", "exclude list of inline contacts"])
def test_a_send_without_its_list_is_blocked_and_the_rest_is_planned(purpose, cli, tmp_path):
    """A plan of a fork is not an error; an apply sends the others, and then ends with one about this send."""
    campaigns = {
        "contacts": sale(),
        "exclude list": excluding(outside("out.csv", OPT_OUT), CONTACTS),
        "exclude list of inline contacts": excluding(
            outside("out.csv", OPT_OUT), GATE.replace("gate\n", "sale\n", 1)
        ),
    }
    with sandboxed(tmp_path / "specs", campaigns[purpose], GATE) as sandbox:
        value = plan(cli)
        [blocked] = [action for action in value["actions"] if action["address"].startswith("sale/")]
        assert (blocked["sign"], blocked["reason"], blocked["batches"]) == ("!", "list-absent", [])
        assert (blocked["recipients"], blocked["requests"], blocked["pending"]) == (None, None, [])
        assert [found["sha256"] for found in blocked["absentLists"]] != []
        assert signs(value)["gate/change"] == "+"
        assert findings(value, "list-absent")[0].startswith("warning ")
        shown = cli("plan", "--detailed-exitcode")
        assert shown.code == 2
        assert "Ready: 1 send without a list, " in shown.out
        assert "is not on this machine" in shown.out
        assert cli("render").code == 1
        words = ("apply", "--auto-approve", "--receipt", "r.json", "--format", "markdown=r.md")
        done = cli(*words)
        assert (done.code, len(sandbox.received())) == (3, 1)
        [error] = json.loads(Path("r.json").read_text())["errors"]
        assert (error["reason"], error["address"]) == ("list-absent", blocked["address"])
        [file] = [found["file"] for found in blocked["absentLists"]]
        name = blocked["address"]
        why = f"this run sent nothing of {name}, because its machine does not have the list {file}"
        assert error["message"] == why
        assert f"error: {why}\n" in done.err
        assert "then run apply again" in done.err
        assert "1 send blocked" in Path("r.md").read_text()
        again = cli(*words)
        assert (again.code, len(sandbox.received())) == (3, 1)
        assert "Nothing was sent.\n" in again.err
        assert Path("r.md").read_text().splitlines()[2] == "## ⛔ Nothing was sent"
        assert cli("apply", "--auto-approve", "--send", "gate").code == 0


def test_an_exception_of_the_rule_does_not_unblock(cli, tmp_path):
    """Neither `off` nor an `allow` entry lets apply send without a list."""
    specs = project(
        tmp_path / "specs",
        sale(more="    allow: [{rule: list-absent, reason: it is small}]\n"),
        settings="version: 1\nrules: {list-absent: off}\n",
    )
    assert signs(plan(cli)) == {"sale/last-call": "!"}
    assert cli("apply", "--auto-approve").code == 3
    (specs / "sendspec.yaml").write_text("version: 1\nrules: {list-absent: error}\n")
    project(specs, sale(), GATE, settings="version: 1\nrules: {list-absent: error}\n")
    shown = cli("plan")
    assert (shown.code, signs(plan(cli))["gate/change"]) == (3, "+")
    assert "Apply sends nothing of sale/last-call (list-absent), and exits 3; it sends the" in shown.out


SETTINGS = (
    "version: 1\n",
    "version: 1\nrules: {list-absent: off}\n",
    "version: 1\nrules: {list-absent: info}\n",
)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("others", [True, False])
def test_a_plan_that_decides_about_an_apply(others, settings, cli, tmp_path, monkeypatch):
    """Reviewers are asked only if apply sends something, and a due send without its list stays visible."""
    allow = "    allow: [{rule: list-absent, reason: it is small}]\n"
    project(tmp_path / "specs", sale(more=allow), *([GATE] if others else []), settings=settings)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    def outputs(*words: str) -> tuple[int, dict[str, str]]:
        path = tmp_path / "outputs"
        path.write_text("")
        monkeypatch.setenv("GITHUB_OUTPUT", str(path))
        code = cli("plan", "--format", "github", *words).code
        monkeypatch.delenv("GITHUB_OUTPUT")
        lines = path.read_text().splitlines()
        return code, {line.partition("<<")[0]: lines[at + 1] for at, line in enumerate(lines) if "<<" in line}

    assert cli("plan", "--detailed-exitcode").code == 2
    code, pull_request = outputs()
    assert (code, pull_request["ready"], pull_request["has-changes"]) == (0, "true", "true")
    code, applied = outputs("--require-lists", "--save", "saved.json")
    assert (code, applied["ready"], applied["due"]) == (3, "false", "true" if others else "false")
    assert "list-absent: the list vip.csv is not on this machine" in applied["failure-reason"]
    assert cli("apply", "saved.json", "--auto-approve", f"--expect={applied['digest']}").code == 3


def test_required_lists_of_sends_that_wait_or_are_here(cli, tmp_path):
    """A list that is not needed yet, or is there, is not an error."""
    waiting = GATE.replace("gate\n", "later\n", 1).replace(
        "    content", '    notBefore: "2099-01-01T00:00:00Z"\n    content'
    )
    project(tmp_path / "specs", sale(), excluding(outside("out.csv", OPT_OUT), waiting))
    found = plan(cli, "--require-lists", "--contacts-dir", store())
    assert signs(found) == {"later/change": "!", "sale/last-call": "+"}
    assert findings(found, "list-absent") == ["warning exclude-list"]


def test_a_waiting_send_without_its_list_does_not_stop_an_apply(cli, tmp_path):
    """It is blocked in the plan, but only a send that is due is an error of apply."""
    project(tmp_path / "specs", sale(more='    notBefore: "2099-01-01T00:00:00Z"\n'), GATE)
    assert signs(plan(cli))["sale/last-call"] == "!"
    assert cli("apply", "--auto-approve").code == 0


def test_a_contact_source_needs_no_exclude_list(cli, tmp_path):
    """Only the vendor has its contacts, so a list of the project has no effect on it, here or not."""
    entry = outside("out.csv", OPT_OUT)
    project(tmp_path / "specs", TEASER, settings=f"version: 1\nexclude: [{entry}]\n")
    value = plan(cli)
    assert signs(value) == {"spring/teaser": "+"}
    assert findings(value) == ["info not-applied"]


@pytest.mark.parametrize("later", ["nothing", "another list of that name"])
def test_a_list_need_not_stay_after_it_was_sent(later, cli, tmp_path):
    """A finished send has no finding about its list, and its sign stays."""
    project(tmp_path / "specs", sale())
    words = ("--contacts-dir", store())
    assert cli("apply", "--auto-approve", *words).code == 0
    (tmp_path / "store" / "vip.csv").unlink()
    if later != "nothing":
        store(people(5))
    value = plan(cli, *words)
    assert (signs(value), value["findings"]) == ({"sale/last-call": "="}, [])
    assert cli("apply", "--auto-approve", *words).code == 0


@pytest.mark.parametrize("revision", [1, 2])
def test_the_rest_of_a_send_waits_for_its_list(revision, tmp_path, monkeypatch):
    """What was sent of it is known from the ledger; a new revision is blocked as well."""
    monkeypatch.chdir(tmp_path)
    loaded = load_project(project(tmp_path / "specs", sale(outside(data=people(2001)))))
    here = replace(loaded, contacts_directory=store(people(2001)))
    target, empty = loaded.targets["sandbox"], LedgerState("sandbox", "sandbox")
    record = record_of(plan_project(here, target, empty, NOW), "sale/last-call", SENT, UNSENT)
    ledger = replace(empty, sends={"sale/last-call": record})
    [resumed] = plan_project(here, target, ledger, NOW).sends
    assert (resumed.sign, resumed.batches) == (Sign.RESUME, (2, 3))
    if revision == 2:
        project(tmp_path / "specs", sale(outside(data=people(2001)), "    revision: 2\n"))
        loaded = load_project(tmp_path / "specs")
    [blocked] = plan_project(loaded, target, ledger, NOW).sends
    assert (blocked.sign, blocked.batches, blocked.changes) == (Sign.BLOCKED, (), ())
    assert blocked.pending == ((2, 3) if revision == 1 else (1,))


@pytest.mark.parametrize("purpose", ["contacts", "exclude list"])
def test_no_report_shows_where_the_lists_are(purpose, cli, tmp_path):
    """A plan on a pull request has the name as written, not the folder of a machine."""
    entry, folder = outside("out.csv", OPT_OUT), store().absolute()
    store(OPT_OUT, "out.csv")
    project(tmp_path / "specs", sale() if purpose == "contacts" else excluding(entry, CONTACTS))
    files = [f"--format={name}={name}" for name in ("markdown", "html", "json", "github", "sarif")]
    for directory in (folder, folder / "nowhere"):
        assert cli("plan", "--full", "--contacts-dir", directory, "--format=text", *files).code == 0
        for file in ("markdown", "html", "json", "github", "sarif"):
            assert str(folder) not in Path(file).read_text()
        assert str(folder) not in cli("plan", "--full", "--contacts-dir", directory).out


def test_an_unknown_request_of_a_send_without_its_list(tmp_path, monkeypatch):
    """The plan says that apply does not repeat it here, and nothing of the send is sent."""
    monkeypatch.chdir(tmp_path)
    loaded = load_project(project(tmp_path / "specs", sale(outside(data=people(2001)))))
    here = replace(loaded, contacts_directory=store(people(2001)))
    target, empty = loaded.targets["sandbox"], LedgerState("sandbox", "sandbox")
    record = record_of(plan_project(here, target, empty, NOW), "sale/last-call", SENT, UNKNOWN)
    absent = plan_project(loaded, target, replace(empty, sends={"sale/last-call": record}), NOW)
    [blocked] = absent.sends
    assert (blocked.sign, blocked.batches) == (Sign.UNKNOWN, ())
    repeatable = replace(blocked, obstacle=PlanReason.LIST_ABSENT)
    assert f"is unknown; the list vip.csv (SHA-256 {digest(people(2001))[:12]}…) is not on" in reason_text(
        repeatable
    )
    assert sends_without_list(replace(absent, actions=(repeatable,))) == (repeatable,)


@pytest.mark.red_team(27)
@pytest.mark.parametrize("verb", ["plan", "validate", "render", "apply"])
@pytest.mark.parametrize("kind", ["contacts", "exclude list"])
def test_another_digest_is_an_error_before_anything_else(verb, kind, cli, tmp_path):
    """The error is at the key, although the list has other defects, and nothing is sent."""
    wrong = "not a list\n"
    entry = outside("vip.csv", people(3))
    campaign = sale(f"\n      file: vip.csv\n      sha256: {digest(people(3))}")
    if kind == "exclude list":
        campaign = excluding(entry, CONTACTS)
    with sandboxed(tmp_path / "specs", campaign, GATE) as sandbox:
        words = ["--auto-approve"] if verb == "apply" else []
        done = cli(verb, "--contacts-dir", store(wrong), *words)
        assert (done.code, sandbox.received()) == (1, [])
    place = "3:29" if kind == "exclude list" else "10:7"
    where = "`sha256sum vip.csv` in the contacts directory"
    other = f"{digest(wrong)[:12]}…, not {digest(people(3))[:12]}…"
    assert done.err.splitlines()[:2] == [
        f"specs/campaigns/c0.yaml:{place}: error: the list vip.csv has the SHA-256 {other}",
        f"  hint: run {where}; fetch the list again, or correct the digest",
    ]
    assert "1 problem in the specs" in done.err


LISTS = {
    "people.csv": people(3).encode(),
    "people.csv.gz": gzip.compress(people(3).encode()),
    "people.jsonl": f'{{"contactId": "{number(0)}", "NAME": "Ada"}}\n'.encode(),
    "people.parquet": parquet({"contactId": PEOPLE["phone"], "NAME": PEOPLE["name"]}),
}


@pytest.mark.red_team(27)
@pytest.mark.parametrize("name", LISTS)
def test_the_digest_is_that_of_the_file_as_stored(name, cli, tmp_path):
    """Each format is read from the bytes that were hashed, and one other byte is an error."""
    data = LISTS[name]
    project(tmp_path / "specs", sale(outside(name, data)))
    assert rendered(cli("render", "--contacts-dir", store(data, name)))[0].startswith("1")
    changed = cli("plan", "--contacts-dir", store(data + b"\n", name))
    assert "has the SHA-256" in changed.err


def test_a_list_that_changes_after_its_digest_was_checked(tmp_path, monkeypatch):
    """A reader that was opened has the reviewed bytes, also if the file is written in place meanwhile."""
    monkeypatch.chdir(tmp_path)
    data = people(20_000).encode()
    loaded = load_project(project(tmp_path / "specs", sale(outside(data=data))))
    [send] = render(replace(loaded, contacts_directory=store(data)), loaded.targets["sandbox"])
    assert isinstance(send.contacts, ContactFile)
    with open_list(send.contacts) as stream:
        first = stream.read(10)
        with (tmp_path / "store" / "vip.csv").open("r+b") as file:
            file.write(b"x" * len(data))
        assert first + stream.read() == data
    with pytest.raises(SpecError):
        open_list(send.contacts)


LONG = {
    "people.csv": people(5000).encode(),
    "people.parquet": parquet(
        {"contactId": Array([number(at) for at in range(5000)], type=TEXT)}, max_row_group_size=1000
    ),
}


@pytest.mark.parametrize("name", LONG)
def test_a_list_that_changes_while_it_is_read(name, tmp_path, monkeypatch):
    """All blocks are those of the reviewed bytes, whichever library reads them."""
    monkeypatch.chdir(tmp_path)
    loaded = load_project(project(tmp_path / "specs", sale(outside(name, LONG[name]))))
    directory = store(LONG[name], name)
    [send] = render(replace(loaded, contacts_directory=directory), loaded.targets["sandbox"])
    assert isinstance(send.contacts, ContactFile)
    blocks = read_list(send, send.contacts)
    identities = list(next(blocks).identities)
    (directory / name).write_bytes(b"")
    for block in blocks:
        identities += block.identities
    assert identities == [number(at) for at in range(5000)]


NAMES = {
    "../vip.csv": "a path must not leave the contacts directory: '../vip.csv'",
    "a/../../vip.csv": "a path must not leave the contacts directory: 'a/../../vip.csv'",
    "/etc/passwd": "a path must not be absolute: '/etc/passwd'",
    "a\\vip.csv": "a path must contain / instead of \\: 'a\\vip.csv'",
    " ": "'file' is empty",
    "link.csv": "the file is outside the contacts directory: 'link.csv'",
    "folder": "this is not a regular file: 'folder'",
    "loop.csv": "cannot find the file: too many levels of symbolic links: 'loop.csv'",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["contacts", "exclude list"])
def test_a_list_outside_of_the_contacts_directory(name, kind, cli, tmp_path):
    """No name and no link leads out of the directory."""
    entry = outside(name)
    project(tmp_path / "specs", sale(entry) if kind == "contacts" else excluding(entry, CONTACTS))
    (tmp_path / "secret.csv").write_text(people(3))
    (store() / "link.csv").symlink_to("../secret.csv")
    (tmp_path / "store" / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "store" / "folder").mkdir()
    done = cli("plan", "--contacts-dir", "store")
    assert done.code == 1
    assert f"error: {NAMES[name]}\n" in done.err


def test_links_inside_of_the_contacts_directory(cli, tmp_path):
    """A store may have links to the newest version, as in a volume of Kubernetes."""
    project(tmp_path / "specs", sale())
    store(name="..2026/vip.csv")
    (tmp_path / "store" / "..data").symlink_to("..2026")
    (tmp_path / "store" / "vip.csv").symlink_to("..data/vip.csv")
    assert signs(plan(cli, "--contacts-dir", "store")) == {"sale/last-call": "+"}


PROBLEMS = {
    "short": ("{file: vip.csv, sha256: 12ab}", "'sha256' is not a digest of 64 hexadecimal digits"),
    "prefixed": (
        f"{{file: vip.csv, sha256: 'sha256:{ABSENT}'}}",
        "'sha256' is not a digest of 64 hexadecimal digits",
    ),
    "query": (
        f"{{sql: 'select 1', connection: warehouse, sha256: {ABSENT}}}",
        "a query has no sha256, because its rows are read when it runs",
    ),
    "inline": (f"[{{contactId: '{number(0)}', sha256: {ABSENT}}}]", "unknown property 'sha256'"),
    "no file": (f"{{sha256: {ABSENT}}}", "one of 'file' and 'sql' is required here"),
    "template": ("{file: vip.csv, sha256: '{{ nothing }}'}", "'nothing' is undefined"),
}


@pytest.mark.parametrize("kind", PROBLEMS)
def test_a_digest_that_cannot_be_one(kind, cli, tmp_path):
    """Each mistake has a message at its place."""
    entry, message = PROBLEMS[kind]
    project(tmp_path / "specs", sale(entry))
    done = cli("validate", "--contacts-dir", store())
    assert done.code == 1
    assert message in done.err, done.err


def test_a_digest_of_the_project_that_cannot_be_one(cli, tmp_path):
    """The exclude lists of sendspec.yaml are checked too."""
    settings = "version: 1\nexclude: [{file: out.csv, sha256: abc}]\n"
    project(tmp_path / "specs", CONTACTS, settings=settings)
    done = cli("validate")
    assert "specs/sendspec.yaml:2:27: error: 'sha256' is not a digest of 64 hexadecimal digits" in done.err


def test_a_digest_is_a_template_and_may_have_any_case(cli, tmp_path):
    """A matrix has one list and one digest a value; digits alone need no quotes."""
    campaign = sale(
        '{file: "{{ part }}.csv", sha256: "{{ digests[part] }}"}', "    matrix: {part: [a, b, c]}\n"
    )
    digests = f"{{a: {digest(people(3)).upper()}, b: {digest(people(4))}, c: {'1' * 64}}}"
    project(tmp_path / "specs", campaign, settings=f"version: 1\nvars: {{digests: {digests}}}\n")
    store(people(3), "a.csv")
    value = plan(cli, "--contacts-dir", store(people(4), "b.csv"))
    assert [action["recipients"] for action in value["actions"]] == [3, 4, None]
    assert value["actions"][2]["absentLists"] == [{"file": "c.csv", "sha256": "1" * 64}]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--contacts-dir", ""), "--contacts-dir is empty"),
        (("--contacts-dir", "specs/sendspec.yaml"), "--contacts-dir is not a directory: specs/sendspec.yaml"),
    ],
)
def test_a_contacts_directory_that_is_none(words, message, cli, tmp_path):
    """A name without a directory is a usage error."""
    project(tmp_path / "specs", sale())
    done = cli("plan", *words)
    assert (done.code, message in done.err) == (64, True)


@pytest.mark.parametrize("variable", ["", "nowhere"])
def test_a_contacts_directory_that_no_step_made(variable, cli, tmp_path, monkeypatch):
    """A fork skips the step that fetches the lists, and its plan is not an error."""
    monkeypatch.setenv("SENDSPEC_CONTACTS_DIR", variable)
    project(tmp_path / "specs", sale())
    value = plan(cli)
    [finding] = [found for found in value["findings"] if found["rule"] == "list-absent"]
    hint = "fetch it, and name its directory with --contacts-dir or SENDSPEC_CONTACTS_DIR"
    assert finding["hint"] == ("fetch it into the contacts directory" if variable else hint)


def test_a_validation_without_the_lists(cli, tmp_path):
    """Without the ledger the send may be finished, so it is an info."""
    project(tmp_path / "specs", sale())
    done = cli("validate", "--format", "json")
    assert done.code == 0
    assert findings(json.loads(done.out), "list-absent") == ["info contacts"]


@pytest.mark.red_team(27)
def test_a_saved_plan_is_applied_where_the_list_is(cli, tmp_path):
    """Two runners fetch the list; without it apply says so, and with another list nothing is sent."""
    with sandboxed(tmp_path / "specs", sale()) as sandbox:
        assert cli("plan", "--contacts-dir", store(), "--save", "plan.json").code == 0
        (tmp_path / "store").rename(tmp_path / "runner")
        absent = cli("apply", "plan.json")
        why = "sale/last-call: was to be sent, now blocked: the list vip.csv"
        assert (absent.code, why in absent.err) == (4, True)
        assert cli("apply", "plan.json", "--auto-approve", "--contacts-dir", store(people(4))).code == 1
        assert sandbox.received() == []
        done = cli("apply", "plan.json", "--auto-approve", "--contacts-dir", "runner")
        assert (done.code, len(sandbox.received())) == (0, 1)


def test_a_plan_without_the_list_approves_no_send(cli, tmp_path):
    """A plan that was saved without the list is stale where the list is."""
    project(tmp_path / "specs", sale(), GATE)
    assert cli("plan", "--save", "plan.json").code == 0
    stale = cli("apply", "plan.json", "--auto-approve", "--contacts-dir", store())
    assert (stale.code, "was not to be sent" in stale.err) == (4, True)


def branch(before: str, after: str) -> None:
    """Commit a campaign on main, and check out a branch with another one."""
    git("init", "--quiet", "--initial-branch=main", ".", where=Path())
    project(Path("specs"), before)
    git("add", "specs", where=Path())
    git("commit", "--quiet", "--message=first", where=Path())
    git("checkout", "--quiet", "-b", "branch", where=Path())
    project(Path("specs"), after)


def test_another_digest_is_a_change_for_a_reviewer(cli):
    """Its people are compared only if both lists are there."""
    branch(sale(outside("old.csv")), sale(outside("new.csv", people(5))))
    store(people(3), "old.csv")
    both = of(against(cli, "main", "--contacts-dir", store(people(5), "new.csv")), "sale/last-call")
    assert (both["people"]["before"], both["people"]["now"], both["notCompared"]) == (3, 5, None)
    change = {
        "field": "contacts.sha256",
        "before": f"{digest(people(3))[:12]}…",
        "now": f"{digest(people(5))[:12]}…",
    }
    assert change in both["fields"]
    for words in ((), ("--contacts-dir", "nowhere")):
        absent = of(against(cli, "main", *words), "sale/last-call")
        assert (absent["kind"], absent["people"], absent["notCompared"]) == ("edited", None, "absent")


def test_the_next_list_under_the_same_name(cli):
    """The list of the base does not exist by then, which is neither an error nor an empty list."""
    branch(sale(), sale(outside(data=people(5))))
    found = of(against(cli, "main", "--contacts-dir", store(people(5))), "sale/last-call")
    assert (found["people"], found["notCompared"]) == (None, "absent")
    shown = cli("plan", "--against", "main", "--contacts-dir", "store").out
    assert "the list changed; recipients not compared, because one of the two is not here" in shown


def test_the_same_digest_is_the_same_list(cli):
    """An edit of the text alone does not compare people, here or without the list."""
    branch(sale(), sale().replace("20%", "30%"))
    for words in ((), ("--contacts-dir", store())):
        found = of(against(cli, "main", *words), "sale/last-call")
        assert ([change["field"] for change in found["fields"]], found["notCompared"]) == (["content"], None)


def test_another_exclude_list_of_the_project_is_a_setting_that_differs(cli):
    """Its digest is the only thing that a reviewer sees of it."""
    branch(sale(), sale())
    for number_of, sha256 in enumerate(("1" * 64, "2" * 64)):
        settings = f"version: 1\nexclude: [{{file: out.csv, sha256: {sha256}}}]\n"
        Path("specs/sendspec.yaml").write_text(settings)
        if number_of == 0:
            git("add", "specs", where=Path())
            git("commit", "--quiet", "--message=second", where=Path())
    [change] = against(cli, "HEAD")["settings"]
    assert change["field"] == "exclude"


def test_the_age_of_an_exclude_list_is_that_of_its_digest(cli, tmp_path, monkeypatch):
    """The file has the time of its download; a commit with its digest is the proof of an age."""
    campaign = excluding(outside("out.csv", OPT_OUT), CONTACTS)
    project(tmp_path / "origin" / "specs", campaign)
    commit(tmp_path / "origin", 60, monkeypatch)
    (tmp_path / "origin" / "specs" / "campaigns" / "c0.yaml").write_text(campaign.replace("20%", "30%"))
    commit(tmp_path / "origin", 0, monkeypatch)
    words = ("--contacts-dir", store(OPT_OUT, "out.csv"))
    assert findings(plan(cli, "origin/specs", *words)) == ["info excluded", "warning old-list"]
    newest = f"phoneNumber\n{number(2)}\n"
    campaign = excluding(outside("out.csv", newest), CONTACTS)
    (tmp_path / "origin" / "specs" / "campaigns" / "c0.yaml").write_text(campaign)
    store(newest, "out.csv")
    assert findings(plan(cli, "origin/specs", *words)) == ["info excluded"]


def test_a_digest_is_neither_a_phone_number_nor_a_secret(cli, tmp_path):
    """Rules about texts in git ignore the digits of digests."""
    sha256 = "a12125551234b4402079460958c3312125550123" + "12125551234" + "0f1e2d3c4b5a6"
    assert len(sha256) == 64
    project(
        tmp_path / "specs",
        sale(outside(sha256=sha256)),
        sale(outside(sha256="2125551234" * 6 + "1234")).replace("sale", "all"),
    )
    git("init", "--quiet", ".", where=tmp_path)
    git("add", "specs/campaigns", "specs/sendspec.yaml", where=tmp_path)
    rules = {found["rule"] for found in plan(cli)["findings"]}
    assert rules & {"phone-in-repository", "secret-in-spec"} == set()


def test_a_list_that_git_tracks_in_the_contacts_directory(cli, tmp_path):
    """A contacts directory in the repository is a mistake that a rule reports as for any list."""
    people_of = people(3).replace("55501", "55612")
    project(tmp_path / "specs", sale(outside("vip.csv", people_of)))
    (tmp_path / "specs" / "store").mkdir()
    (tmp_path / "specs" / "store" / "vip.csv").write_text(people_of)
    git("init", "--quiet", ".", where=tmp_path)
    git("add", ".", where=tmp_path)
    value = plan(cli, "--contacts-dir", "specs/store")
    assert findings(value, "phone-in-repository") == ["warning list"]
    assert findings(value, "ignored-file") == []


def test_rows_of_contacts_that_received_nothing(cli, tmp_path):
    """`status` finds them in the list if it is there, and notes otherwise that it is not."""
    data = f"contactId,NAME,Store\n{FAILS},Ada,Main Street\n"
    with sandboxed(tmp_path / "specs", sale(outside(data=data))):
        words = ("--contacts-dir", store(data))
        assert cli("apply", "--auto-approve", *words).code == 0
        absent = cli("status", "--failed-csv", "failed.csv", *QUICK)
        note = "the list of sale/last-call cannot be read: the list vip.csv is not on this machine"
        assert (absent.code, note in absent.err) == (0, True)
        assert cli("status", "--failed-csv", "failed.csv", *QUICK, *words).code == 0
    assert "Main Street" in (tmp_path / "failed.csv").read_text()


def test_a_preview_follows_the_contacts_directory(tmp_path):
    """A list that arrives or changes there is a change of the page."""
    specs, lists = tmp_path / "specs", tmp_path / "store"
    specs.mkdir()
    before = snapshot((specs, lists))
    lists.mkdir()
    (lists / "vip.csv").write_text("phone\n")
    assert snapshot((specs, lists)) != before
