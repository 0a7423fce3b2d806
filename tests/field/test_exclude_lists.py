"""Exclude lists: who gets no message, how many, and what makes a list fail."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.ledgers import git
from tests.projects import CONTACTS, GATE, TEASER, number, project
from tests.sandboxed import sandboxed

EXCLUDE = "exclude: [{}]\n"
OPT_OUT = "contacts/opt-out.csv"


def write_list(specs, text: str, name: str = OPT_OUT):
    path = specs / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def of_send(campaign: str, entries: str) -> str:
    return f"{campaign}    exclude: [{entries}]\n"


def of_campaign(campaign: str, entries: str) -> str:
    return campaign.replace("sends:", f"exclude: [{entries}]\nsends:")


def rendered(done) -> list[str]:
    """Return the numbers in the requests that `render` printed."""
    bodies = [json.loads(line)["body"] for line in done.out.splitlines()]
    contacts = [contact for body in bodies for contact in body["contacts"]]
    return [contact.get("contactId") or contact["phoneNumber"] for contact in contacts]


def plan(cli, *words) -> dict[str, Any]:
    return json.loads(cli("plan", *words, "--format", "json").out)


def findings(value: dict[str, Any], rule: str = "suppressed-contact") -> list[str]:
    return [
        f"{finding['level']} {finding['reason']}" for finding in value["findings"] if finding["rule"] == rule
    ]


LEVELS = {
    "project": (f"version: 1\n{EXCLUDE.format(OPT_OUT)}", CONTACTS),
    "campaign": ("version: 1\n", of_campaign(CONTACTS, f"../{OPT_OUT}")),
    "send": ("version: 1\n", of_send(CONTACTS, f"../{OPT_OUT}")),
    "template of a send": ("version: 1\n", of_send(CONTACTS, "'../contacts/opt-{{ 1 and \"out\" }}.csv'")),
    "twice": (f"version: 1\n{EXCLUDE.format(OPT_OUT)}", of_send(CONTACTS, f"../{OPT_OUT}")),
}


@pytest.mark.parametrize("level", LEVELS)
def test_a_listed_person_gets_no_message(level, cli, tmp_path):
    """A list of project, campaign or send leaves out its people, and the plan counts them for this list."""
    settings, campaign = LEVELS[level]
    specs = project(tmp_path / "specs", campaign, settings=settings)
    write_list(specs, f"phoneNumber\n{number(1)}\n{number(77)}\n")
    assert rendered(cli("render")) == [number(0), number(2)]
    value = plan(cli)
    [action] = value["actions"]
    assert action["recipients"] == 2
    assert action["contacts"] == {
        "file": "specs/contacts/people.csv",
        "sha256": None,
        "rows": 3,
        "duplicates": 0,
        "refused": 0,
        "query": None,
        "excluded": [{"file": f"specs/{OPT_OUT}", "sha256": None, "contacts": 1}],
    }
    assert findings(value) == ["info excluded"]
    shown = cli("plan").out
    assert (
        "contacts  specs/contacts/people.csv, 3 rows: 2 recipients, 0 duplicates, 0 refused, 1 excluded\n"
        in shown
    )
    assert f"excluded  1 by specs/{OPT_OUT}\n" in shown


NOTATIONS = [
    "phoneNumber\n+1 (201) 555-0101\n",
    "contactId\n1-201-555-0101\n",
    "Name,phoneNumber\nAda,1 201.555.0101\n",
]


@pytest.mark.parametrize("text", NOTATIONS)
@pytest.mark.parametrize("campaign", [CONTACTS, GATE], ids=["contacts", "external-consent"])
def test_numbers_are_compared_without_notation(text, campaign, cli, tmp_path):
    """The list and the contacts may write a number differently, and have either name of its column."""
    campaign = campaign.replace("12125550123", "+1 (201) 555 0101")
    project(tmp_path / "specs", of_send(campaign, f"../{OPT_OUT}"))
    write_list(tmp_path / "specs", text)
    assert number(1) not in rendered(cli("render"))
    [excluded] = plan(cli)["actions"][0]["contacts"]["excluded"]
    assert (excluded["file"], excluded["contacts"]) == (f"specs/{OPT_OUT}", 1)


def test_lists_add_up_and_every_row_is_counted_once(cli, tmp_path):
    """The counts are the rows; a person on two lists counts for the first one."""
    settings = f"version: 1\n{EXCLUDE.format(OPT_OUT)}rules: {{phone-number: off, contact-identity: off}}\n"
    campaign = of_campaign(CONTACTS, "{file: ../contacts/staff.csv, columns: {phoneNumber: Mobile}}")
    specs = project(tmp_path / "specs", of_send(campaign, "../contacts/more/buyers.csv"), settings=settings)
    rows = [0, 1, 2, 3, 4, 5, 1, 1, 3, 5, 5]
    contacts = "".join(f"{number(row)},Ada\n" for row in rows)
    (specs / "contacts" / "people.csv").write_text(f"contactId,NAME\n{contacts}no number,Ada\n,Ada\n")
    write_list(specs, f"phoneNumber\n{number(1)}\n{number(2)}\n")
    write_list(specs, f"Name,Mobile\nAda,{number(2)}\nGrace,{number(3)}\n", "contacts/staff.csv")
    write_list(specs, f"contactId\n{number(9)}\n", "contacts/more/buyers.csv")
    [action] = plan(cli)["actions"]
    counts = action["contacts"]
    assert [excluded["contacts"] for excluded in counts["excluded"]] == [4, 2, 0]
    assert (action["recipients"], counts["duplicates"], counts["refused"]) == (3, 2, 2)
    assert counts["rows"] == 13 == 3 + 2 + 2 + 4 + 2
    assert rendered(cli("render")) == [number(0), number(4), number(5)]


def test_the_vendor_receives_no_listed_number(cli, tmp_path):
    """Of 2,500 people, apply sends to those who are not listed, in full batches."""
    campaign = of_send(CONTACTS, f"../{OPT_OUT}")
    with sandboxed(tmp_path / "specs", campaign, count=2500) as client:
        write_list(
            tmp_path / "specs", "contactId\n" + "".join(f"{number(index)}\n" for index in range(0, 2500, 2))
        )
        assert cli("apply", "--auto-approve").code == 0
        received = [
            contact["contactId"] for request in client.received() for contact in request["body"]["contacts"]
        ]
    assert sorted(received) == sorted(number(index) for index in range(1, 2500, 2))


def test_a_list_that_changes_the_people_of_a_partial_send_blocks_the_rest(cli, tmp_path):
    """After a part was sent, a list must not move people between batches; an edit without effect is fine."""
    specs = project(tmp_path / "specs", of_send(CONTACTS, f"../{OPT_OUT}"), count=1500)
    opt_out = write_list(specs, f"contactId\n{number(3)}\n")
    assert cli("apply", "--auto-approve").code == 0
    lock = specs / "sendspec.sandbox.lock"
    value = json.loads(lock.read_text())
    value["sends"]["sale/last-call"]["requests"].pop()
    value.pop("digest", None)
    lock.write_text(json.dumps(value))
    opt_out.write_text(f"contactId\n{number(3)}\n{number(4000)}\n")
    resumed = plan(cli)
    if not resumed.get("actions"):
        pytest.fail(cli("plan").err)
    assert resumed["actions"][0]["sign"] == ">"
    opt_out.write_text(f"contactId\n{number(3)}\n{number(1400)}\n")
    blocked = plan(cli)
    assert (blocked["actions"][0]["sign"], blocked["actions"][0]["reason"]) == ("!", "recipients-changed")
    [finding] = [f for f in blocked["findings"] if f["rule"] == "audience-changed-mid-send"]
    assert "an older exclude list would text people who opted out" in finding["hint"]


def test_a_saved_plan_is_stale_after_an_opt_out(cli, tmp_path):
    """A person who opts out after the approval gets nothing: the saved plan is refused."""
    specs = project(tmp_path / "specs", of_send(CONTACTS, f"../{OPT_OUT}"))
    opt_out = write_list(specs, f"contactId\n{number(77)}\n")
    assert cli("plan", "--save", "sale.plan").code == 0
    opt_out.write_text(f"contactId\n{number(77)}\n{number(1)}\n")
    assert cli("apply", "sale.plan", "--auto-approve").code == 4
    assert not (specs / "sendspec.sandbox.lock").exists()


@pytest.mark.parametrize("rows", [[0, 1, 2], [2, 1, 0, 5], [0, 0, 1, 1, 2]], ids=str)
def test_a_send_without_remaining_people_is_an_error_with_its_cause(rows, cli, tmp_path):
    """If the lists name every contact, the plan is blocked and names the list."""
    specs = project(tmp_path / "specs", of_send(CONTACTS, f"../{OPT_OUT}"))
    write_list(specs, "contactId\n" + "".join(f"{number(row)}\n" for row in rows))
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    cause = f"the send has no recipients, because every contact is on specs/{OPT_OUT}"
    assert f"specs/campaigns/c0.yaml:8:5: error [no-recipients]: {cause} (sale/last-call)\n" in done.out


BROKEN = {
    "missing": (None, "the file does not exist: '../contacts/opt-out.csv'"),
    "outside": ("link", "the file is outside the project directory: '../contacts/opt-out.csv'"),
    "no header of a number": ("Phone\n12015550101\n", "opt-out.csv has no column 'phoneNumber'"),
    "no header": (f"{number(1)}\n", "opt-out.csv has no column 'phoneNumber'"),
    "empty": ("", "the file is empty"),
    "an open quote": (f'contactId\n"{number(1)}\n', "has no closing quote"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_list_that_cannot_be_read_blocks(kind, cli, tmp_path):
    """Nothing is sent while a list is missing or broken; the error names where."""
    text, message = BROKEN[kind]
    specs = project(tmp_path / "specs", of_send(CONTACTS, f"../{OPT_OUT}"))
    if text == "link":
        (tmp_path / "outside.csv").write_text("contactId\n")
        (specs / OPT_OUT).symlink_to(tmp_path / "outside.csv")
    elif text is not None:
        write_list(specs, text)
    done = cli("apply", "--auto-approve")
    assert (done.code, message in done.err, "specs/c" in done.err) == (1, True, True)
    assert not (specs / "sendspec.sandbox.lock").exists()


UNREADABLE = {
    "no number": "1 number of {} is not written as digits",
    "1.2126E+10": "1 number of {} is written in scientific notation, such as 1.2E+10",
    '""': "1 row of {} without a number excludes no contact",
    "12015550101.0": "1 number of {} is written as a decimal",
    "tel:12015550101": "1 number of {} has the word 'tel'",
    "\u202a12015550101": "1 number of {} has the character U+202A LEFT-TO-RIGHT EMBEDDING",
}


@pytest.mark.parametrize("cell", UNREADABLE)
def test_a_row_of_a_list_that_is_no_number_is_an_error(cell, cli, tmp_path):
    """An unreadable number excludes no person, so the plan is blocked at the row of the list."""
    specs = project(tmp_path / "specs", of_send(CONTACTS, f"../{OPT_OUT}"))
    write_list(specs, f"phoneNumber,Since\n{number(1)},2026\n{cell},2026\n")
    done = cli("plan")
    assert done.code == 3
    message = UNREADABLE[cell].format(f"specs/{OPT_OUT}")
    assert f"specs/{OPT_OUT}:3:1: error [suppressed-contact]: {message}" in done.out


def with_contacts(specs, numbers: list[str], opt_out: str, extra: str = "") -> None:
    """Write a project whose contacts have these numbers, and the exclude list `opt_out`."""
    project(specs, of_send(CONTACTS, f"../{OPT_OUT}") + extra)
    rows = "".join(f"{each},Ada\n" for each in numbers)
    (specs / "contacts" / "people.csv").write_text(f"contactId,NAME\n{rows}")
    write_list(specs, f"phoneNumber\n{opt_out}\n")


OTHER = "12015550102"
AS_DIALLED = {
    "a German number as at home": ("4915112345678", "0151 12345678", "has no country code", None),
    "an American number as at home": ("12125550101", "(212) 555-0101", "has no country code", None),
    "valid in New Zealand": ("16465550101", "6465550101", "looks American without the 1", None),
    "00 before the code": ("12125550102", "0012125550102", "starts with the dialling prefix 00", "1212"),
    "011 before the code": ("447700900123", "011447700900123", "with the dialling prefix 011", "447"),
    "the 0 after the code": ("447700900123", "+44 07700 900123", "a 0 that is not dialled", "447"),
    "the 0 in parentheses": ("447700900123", "+44 (0)7700 900123", "a (0) that is not dialled", "447"),
    "the 1 of Mexico": ("525512345678", "+52 1 55 1234 5678", "a 1 that is not dialled", "525"),
    "the 8 of Russia": ("79161234567", "8 916 123-45-67", "has no country code", None),
    "the 06 of Hungary": ("36301234567", "06 30 123 4567", "has no country code", None),
}


@pytest.mark.field_case(1)
@pytest.mark.parametrize("kind", AS_DIALLED)
def test_a_number_of_a_list_in_another_form_excludes_and_is_an_error(kind, cli, tmp_path):
    """A person who opted out gets no message, however the list writes the number, and the row is named."""
    contact, written, problem, correction = AS_DIALLED[kind]
    with_contacts(tmp_path / "specs", [contact, OTHER], written)
    assert rendered(cli("render")) == [OTHER]
    found = json.loads(cli("validate", "--format", "json").out)["findings"]
    [error] = [each for each in found if each["level"] == "error"]
    assert (error["rule"], error["file"], error["line"]) == ("suppressed-contact", f"specs/{OPT_OUT}", 2)
    assert problem in error["message"]
    assert correction is None or f"should be {correction}" in error["hint"] or "write it as" in error["hint"]
    assert contact not in json.dumps(found)
    assert cli("apply", "--auto-approve").code == 3


HIDING = {
    "complete numbers": '"Ann\n12015550102,Ben\n12015550100,Cy"',
    "numbers as at home": '"Ann\n(201) 555-0102,Ben"',
    "CRLF": '"Ann\r\n12015550102,Ben"',
}


@pytest.mark.field_case(5)
@pytest.mark.parametrize("cell", HIDING.values(), ids=HIDING)
def test_rows_of_a_list_that_a_quote_hides_are_an_error(cell, cli, tmp_path):
    """People in a cell that was not closed would get the message, so the plan is blocked."""
    project(tmp_path / "specs", of_send(CONTACTS, f"../{OPT_OUT}"))
    (tmp_path / "specs" / OPT_OUT).write_bytes(f"phoneNumber,Name\n{number(1)},{cell}\n".encode())
    value = plan(cli)
    assert findings(value) == ["info excluded", "error hidden-rows"]
    assert (value["findings"][-1]["file"], value["findings"][-1]["line"]) == (f"specs/{OPT_OUT}", 2)
    write_list(tmp_path / "specs", f'phoneNumber,Street\n{number(1)},"1 High Street\nLondon SW1"\n')
    assert findings(plan(cli)) == ["info excluded"]


@pytest.mark.field_case(1)
def test_a_defect_of_a_list_is_reported_once(cli, tmp_path):
    """Many sends read the list of the project; `allow` accepts its rows for one send, not for the others."""
    allow = "    allow: [{rule: suppressed-contact, reason: the list is being cleaned}]\n"
    expired = '    notAfter: "2020-01-01T10:00:00Z"\n'
    many = CONTACTS.replace(
        "  - id: last-call\n", "  - id: last-call\n    matrix: {locale: [a, b, c, d, e, f]}\n"
    )
    assert many != CONTACTS
    old, one = (CONTACTS.replace("campaign: sale", f"campaign: {name}") for name in ("a-old", "one"))
    settings = f"version: 1\n{EXCLUDE.format(OPT_OUT)}"
    specs = project(tmp_path / "specs", old + expired, one + allow, many, settings=settings)
    write_list(specs, "contactId\n0012125550102\nunknown\n")
    done = cli("plan", "--format", "json")
    assert done.code == 3
    errors = [
        (finding["level"], finding["line"], finding["message"].rpartition(" (")[2], finding["address"])
        for finding in json.loads(done.out)["findings"]
        if finding["rule"] == "suppressed-contact" and finding["reason"] != "excluded"
    ]
    assert [(level, line, readers) for level, line, readers, _ in errors if readers == "6 sends)"] == [
        ("error", 2, "6 sends)"),
        ("error", 3, "6 sends)"),
    ]
    assert [address for *_, address in errors] == ["one/last-call", "sale/last-call[a]"] * 2


@pytest.mark.field_case(1)
def test_an_allowed_error_of_a_list_excludes_all_the_same(cli, tmp_path):
    """The exception lets the send go out, and the people on the list do not get it."""
    allow = "    allow: [{rule: suppressed-contact, reason: the list is being cleaned}]\n"
    contacts = ["16465550101", "12125550102", "447700900123", OTHER]
    specs, opt_out = tmp_path / "specs", "6465550101\n0012125550102\n+44 07700 900123"
    with sandboxed(specs, CONTACTS) as client:
        settings = (specs / "sendspec.yaml").read_text()
        with_contacts(specs, contacts, opt_out, allow)
        (specs / "sendspec.yaml").write_text(settings)
        assert cli("apply", "--auto-approve").code == 0
        [request] = client.received()
        assert [contact["contactId"] for contact in request["body"]["contacts"]] == [OTHER]


@pytest.mark.field_case(1)
@pytest.mark.parametrize("size", [1, 3, 1200])
def test_a_number_without_its_code_excludes_in_lists_of_several_countries(size, cli, tmp_path):
    """A list that also has numbers of New Zealand is not an error, and still excludes the American one."""
    contacts = ["16465550101", "6421123456", *map(number, range(size))]
    with_contacts(tmp_path / "specs", contacts, "6465550101\n64211234567\n33612345678")
    assert len(rendered(cli("render"))) == size + 1
    assert findings(plan(cli)) == ["warning excluded-without-code", "info excluded"]


@pytest.mark.field_case(1)
def test_a_list_of_the_countries_of_the_contacts_is_no_error(cli, tmp_path):
    """Norwegian numbers look American, which matters only beside American contacts."""
    with_contacts(tmp_path / "specs", ["4792345678", "4792345679"], "4792345678")
    assert findings(plan(cli)) == ["info excluded"]
    with_contacts(tmp_path / "specs", ["4792345678", "4792345679", OTHER], "4792345678")
    assert findings(plan(cli)) == ["info excluded", "error ambiguous-country-code"]
    with_contacts(
        tmp_path / "specs", ["4792345678", OTHER], "4792345678", "    audience: {countries: [NO, US]}\n"
    )
    assert findings(plan(cli)) == ["info excluded"]


@pytest.mark.field_case(1)
@pytest.mark.parametrize(
    "header", ["contactId,phoneNumber", '"phoneNumber","contactId"', "sep=;\nName;contactId;phoneNumber"]
)
def test_a_list_with_two_columns_of_numbers_is_refused(header, cli, tmp_path):
    """Each column may have numbers of other people, so sendspec does not choose."""
    specs = project(tmp_path / "specs", of_send(CONTACTS, f"../{OPT_OUT}"))
    write_list(specs, f"{header}\n")
    done = cli("plan")
    assert done.code == 1
    assert f"specs/campaigns/c0.yaml:11:15: error: specs/{OPT_OUT} has the columns contactId and" in done.err
    both = f"{{file: ../{OPT_OUT}, columns: {{phoneNumber: %s}}}}"
    (specs / "campaigns" / "c0.yaml").write_text(
        of_send(CONTACTS, f"{both % 'contactId'}, {both % 'phoneNumber'}")
    )
    write_list(specs, f"contactId,phoneNumber\n{number(0)},{number(1)}\n")
    assert rendered(cli("render")) == [number(2)]


def test_a_contact_source_and_exclude(cli, tmp_path):
    """Only the vendor has the contacts: an own list is an error, an inherited one has a finding."""
    specs = project(
        tmp_path / "specs",
        of_campaign(TEASER, f"../{OPT_OUT}"),
        settings=f"version: 1\n{EXCLUDE.format('contacts/all.csv')}",
    )
    write_list(specs, "contactId\n12015550101\n")
    write_list(specs, "contactId\n12015550101\n", "contacts/all.csv")
    assert findings(plan(cli)) == ["warning not-applied", "info not-applied"]
    (specs / "campaigns" / "c0.yaml").write_text(of_send(TEASER, f"../{OPT_OUT}"))
    done = cli("plan")
    assert (done.code, "unknown property 'exclude'" in done.err or "'exclude'" in done.err) == (1, True)


# ── the age of a list


AGES = {
    "an old commit in a fresh checkout": (30, 0, False, "commit"),
    "a new commit of an old file": (0, 30, False, None),
    "an old commit, edited today": (30, 0, True, None),
    "a new commit, edited long ago": (0, 30, True, "change"),
    "an old file outside git": (None, 30, False, "change"),
    "a new file outside git": (None, 0, False, None),
}


@pytest.mark.parametrize("kind", AGES)
def test_the_age_of_a_list(kind, cli, tmp_path, monkeypatch):
    """The date is that of the commit if the file is tracked and unmodified, else that of the file."""
    commit_days, file_days, edited, expected = AGES[kind]
    specs = project(tmp_path / "specs", of_send(CONTACTS, f"../{OPT_OUT}"))
    opt_out = write_list(specs, f"contactId\n{number(1)}\n")
    if commit_days is not None:
        commit(tmp_path, commit_days, monkeypatch)
    if edited:
        opt_out.write_text(f"contactId\n{number(1)}\n{number(9)}\n")
    moment = (datetime.now(UTC) - timedelta(days=file_days)).timestamp()
    os.utime(opt_out, (moment, moment))
    value = plan(cli)
    assert findings(value) == (["info excluded", "warning old-list"] if expected else ["info excluded"])
    messages = [finding["message"] for finding in value["findings"]]
    assert [m for m in messages if f"(its last {expected} was on " in m] == messages[1:]


def test_a_shallow_clone_does_not_know_the_age(cli, tmp_path, monkeypatch):
    """The only commit of a shallow clone contains every file, so its date says little."""
    specs = project(tmp_path / "origin" / "specs", of_send(CONTACTS, f"../{OPT_OUT}"))
    write_list(specs, f"contactId\n{number(1)}\n")
    commit(tmp_path / "origin", 60, monkeypatch)
    (tmp_path / "origin" / "README.md").write_text("later\n")
    commit(tmp_path / "origin", 0, monkeypatch)
    for clone, depth in (("deep", "2"), ("shallow", "1")):
        source = (tmp_path / "origin").as_uri()
        git("clone", "--quiet", "--depth", depth, source, clone, where=tmp_path)
    assert findings(plan(cli, "deep/specs")) == ["info excluded", "warning old-list"]
    assert findings(plan(cli, "shallow/specs")) == ["info excluded", "info unknown-age"]


def commit(where, days: float, monkeypatch) -> None:
    """Commit all files of a directory, this many days ago."""
    date = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    monkeypatch.setenv("GIT_COMMITTER_DATE", date)
    git("init", "--quiet", where=where)
    git("add", "--all", where=where)
    git("commit", "--quiet", "--message", "list", where=where)
