"""Exact counts of a list with more than twenty kinds of dirt: every row is in one of the counts."""

from __future__ import annotations

import json

import pytest

from tests.field.lists import LIST, Finding, count_in, findings, with_list, with_send
from tests.projects import lockfile, number

RECIPIENT, DUPLICATE, REFUSED, IGNORED = "recipient", "duplicate", "refused", "ignored"
ROWS = [
    (RECIPIENT, "{0},Ann", None),
    (RECIPIENT, "+1 (212) 555-0101,Ben", None),
    (RECIPIENT, '"{2}","Lee, ""Cy"""', None),
    (RECIPIENT, "{3},", None),
    (RECIPIENT, "{4},\u00a0\t", None),
    (RECIPIENT, "{5},NULL", "leftover/missing-value"),
    (RECIPIENT, "{6},FranÃ§ois", "leftover/wrong-encoding"),
    (RECIPIENT, "{7},O&#39;Neil", "leftover/html-entity"),
    (RECIPIENT, "{8},{{name}}", "leftover/template"),
    (RECIPIENT, "{9},[NAME]", "leftover/placeholder"),
    (RECIPIENT, "{10},TBD", "leftover/unfinished"),
    (RECIPIENT, "{11},Test", "leftover/test-value"),
    (RECIPIENT, "{12},localhost", "leftover/example-host"),
    (RECIPIENT, "{13},A\u200bnn", "invisible-character/invisible"),
    (RECIPIENT, '{14},"Ann\nLee"', "value-shape/line-break"),
    (RECIPIENT, '{15},"Ann\n{16},Ben\n{17},Cy"', "hidden-rows/hidden-rows"),
    (RECIPIENT, "{18},+{19}", "value-shape/phone-number"),
    (RECIPIENT, "{20},ann@acme.org", "value-shape/email-address"),
    (DUPLICATE, "{0},Ann", "duplicate-contact/repeated"),
    (DUPLICATE, "+{0},Ann", "duplicate-contact/repeated"),
    (DUPLICATE, "{0},Eve", "duplicate-contact/conflicting-values"),
    (DUPLICATE, '{0},"Eve\nLee"', "value-shape/line-break"),
    (REFUSED, ",Di", "contact-identity/missing"),
    (REFUSED, "\u00a0 ,Di", "contact-identity/missing"),
    (REFUSED, "call Di,Di", "phone-number/not-digits"),
    (REFUSED, "{21}.0,Di", "phone-number/decimal"),
    (REFUSED, "1.21256E+10,Di", "phone-number/scientific-notation"),
    (REFUSED, "+44 (0)7700 900123,Di", "phone-number/national-prefix"),
    (IGNORED, "", None),
    (IGNORED, ",", None),
    (IGNORED, " ,\u00a0,,", None),
]
"""What becomes of a row, the row, and the rule and reason that report it."""


def filled(row: str) -> str:
    """Return a row with its numbers; `{name}` stays."""
    for at in range(22):
        row = row.replace(f"{{{at}}}", number(at))
    return row.replace("{{name}}", "{name}")


def counted(rows: list[tuple[str, str, str | None]]) -> dict[str, int]:
    kinds = [kind for kind, _, _ in rows]
    return {kind: kinds.count(kind) for kind in (RECIPIENT, DUPLICATE, REFUSED)}


def plan_counts(cli) -> dict[str, int]:
    """Return the counts of the plan's JSON, which must add up to its rows."""
    [action] = json.loads(cli("plan", "--format", "json").out)["actions"]
    contacts = action["contacts"]
    counts = {
        RECIPIENT: action["recipients"],
        DUPLICATE: contacts["duplicates"],
        REFUSED: contacts["refused"],
    }
    excluded = sum(each["contacts"] for each in contacts["excluded"])
    assert contacts["rows"] == sum(counts.values()) + excluded
    return counts


@pytest.mark.field_case(5)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_every_row_is_in_one_count(end, cli):
    """Recipients, duplicates and refused rows are exact and add up, in the text and in the JSON."""
    with_list(end.join(["contactId,NAME", *(filled(row) for _, row, _ in ROWS), ""]))
    expected = counted(ROWS)
    assert expected == {RECIPIENT: 18, DUPLICATE: 4, REFUSED: 6}
    assert plan_counts(cli) == expected
    assert "people.csv, 28 rows: 18 recipients, 4 duplicates, 6 refused" in cli("plan").out


def test_every_kind_of_dirt_is_reported_with_its_count(cli):
    """Each rule's finding has the number of its rows; a duplicate's values are not sent, so not reported."""
    with_list("\n".join(["contactId,NAME", *(filled(row) for _, row, _ in ROWS), ""]))
    reported: dict[str, int] = {}
    for finding in json.loads(cli("validate", "--format", "json").out)["findings"]:
        name = f"{finding['rule']}/{finding['reason']}"
        reported[name] = reported.get(name, 0) + count_in(finding["message"])
    reasons = [reason for _, _, reason in ROWS if reason]
    expected = {reason: reasons.count(reason) for reason in reasons}
    expected["duplicate-contact/conflicting-values"] += 1  # "Eve\nLee" differs from Ann, too.
    assert {name: count for name, count in reported.items() if name in expected} == expected
    assert len(expected) >= 18


@pytest.mark.parametrize("kind", [DUPLICATE, REFUSED, IGNORED])
def test_one_kind_of_row_alone(kind, cli):
    """Beside two recipients, only the rows of one kind are counted, each once."""
    rows = [*ROWS[:2], *(row for row in ROWS if row[0] == kind)]
    with_list("\n".join(["contactId,NAME", *(filled(row) for _, row, _ in rows), ""]))
    assert plan_counts(cli) == counted(rows)


def test_the_counts_of_a_campaign_file(cli):
    """Contacts of a campaign file are counted alike: a lookup, its duplicate, one without identity, two."""
    lookup = "contactLookup: [{name: EMAIL, value: ann@acme.org, channel: EMAIL}]"
    with_send(
        f'[{{contactId: "{number(0)}"}}, {{contactId: "+{number(0)}"}}, {{{lookup}}}, {{{lookup}}},'
        f' {{contactId: " "}}, {{contactId: "x"}}, {{contactId: "{number(1)}", {lookup}}}]'
    )
    assert plan_counts(cli) == {RECIPIENT: 2, DUPLICATE: 2, REFUSED: 3}
    text = cli("plan").out
    assert "7 in the campaign file: 2 recipients, 2 duplicates, 3 refused" in text


def test_apply_sends_to_the_recipients_and_never_to_refused_contacts(cli):
    """If a project turns the rules off, exactly the recipients are sent, and the refused rows are not."""
    directory = with_list("\n".join(["contactId,NAME", *(filled(row) for _, row, _ in ROWS), ""]))
    rules = {reason.split("/")[0] for _, _, reason in ROWS if reason}
    settings = "".join(f"  {rule}: off\n" for rule in sorted(rules))
    (directory / "sendspec.yaml").write_text(f"version: 1\nrules:\n{settings}")
    assert cli("apply", "--auto-approve").code == 0
    assert lockfile(directory)["sends"]["order/ready"]["recipients"]["count"] == 18
    [line] = cli("render").out.splitlines()
    sent = [contact["contactId"] for contact in json.loads(line)["body"]["contacts"]]
    assert len(sent) == len(set(sent)) == 18
    assert all(each.isdecimal() for each in sent)


NO_RECIPIENTS = {
    "refused": ("abc\nxyz", "", "2 rows: 0 recipients, 0 duplicates, 2 refused", "all-refused"),
    "excluded": (
        "{0}\n{1}",
        "{0}\n{1}",
        "2 rows: 0 recipients, 0 duplicates, 0 refused, 2 excluded",
        "all-excluded",
    ),
    "both": ("{0}\nabc", "{0}", "2 rows: 0 recipients, 0 duplicates, 1 refused, 1 excluded", "all-refused"),
}


@pytest.mark.parametrize("kind", NO_RECIPIENTS)
@pytest.mark.parametrize(
    "off", ["", "rules: {phone-number: off, suppressed-contact: off}\n"], ids=["on", "off"]
)
def test_a_send_without_recipients_is_an_error_with_its_counts(kind, off, cli):
    """The plan shows what became of every row, and blocks the send also if the rules of its rows are off."""
    rows, opt_out, counts, reason = NO_RECIPIENTS[kind]
    extra = "    exclude: [../contacts/opt-out.csv]\n" if opt_out else ""
    directory = with_list(filled(f"contactId\n{rows}\n"), extra=extra)
    (directory / "contacts" / "opt-out.csv").write_text(filled(f"contactId\n{opt_out}\n"))
    (directory / "sendspec.yaml").write_text(f"version: 1\n{off}")
    done = cli("plan")
    assert done.code == 3
    assert f"    contacts  {LIST}, {counts}\n" in done.out
    assert "! order/ready" in done.out
    assert "+ order/ready" not in done.out
    assert Finding("error", "no-recipients", reason, 8) in findings(cli)
    assert cli("apply", "--auto-approve").code == 3


def test_an_allowed_send_without_recipients_shows_its_counts(cli):
    """A reader of the plan still sees how many contacts were refused."""
    allow = "[{rule: no-recipients, reason: empty}, {rule: phone-number, reason: empty}]"
    with_list("contactId\nabc\nxyz\n", extra=f"    allow: {allow}\n")
    assert "2 rows: 0 recipients, 0 duplicates, 2 refused\n" in cli("plan").out
