"""Lists that share people, and lists whose length is not the expected one."""

from __future__ import annotations

import pytest

from tests.field.test_identity import SPECS
from tests.projects import lockfile, number, people, project

OPT_OUT = "Reply STOP to opt out."


def send(name: str, text: str, file: str, more: str = "") -> str:
    """Return a campaign of one marketing send to a list."""
    return f"""\
campaign: {name}
purpose: marketing
sends:
  - id: offer
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: {text} {OPT_OUT}"
    contacts: {{file: "../contacts/{file}"}}
    personalizationDefaults: {{NAME: there}}
{more}"""


def write(*campaigns: str, **counts: int) -> None:
    """Write the campaigns, and lists with so many people, all from the same first one."""
    project(SPECS, *campaigns)
    for name, count in counts.items():
        (SPECS / "contacts" / f"{name}.csv").write_text(people(count))


@pytest.mark.field_case(34)
@pytest.mark.parametrize("text", ["our sale starts", "%%NAME%%, our {{ locale }} sale starts"])
def test_a_person_on_the_lists_of_two_languages(cli, text):
    """Two languages share people: a warning with their number, and an error if the text is the same."""
    write(
        send("sale", text, "{{ locale }}.csv", "    matrix: {locale: [en, fr]}\n"),
        en=40,
        fr=50,
    )
    done = cli("plan")
    if "locale" in text:
        assert done.code == 0
        assert "warning [overlap]: 40 of 50 recipients also get sale/offer[en] at the same time" in done.out
    else:
        assert done.code == 3
        assert "error [overlap]: 40 of 50 recipients get the same text from sale/offer[en]" in done.out


@pytest.mark.field_case(34)
def test_a_person_who_got_another_text_today(cli):
    """A finished send of the day counts while its list is unchanged, and `allow` accepts a reminder."""
    write(send("first", "our sale starts", "a.csv"), a=3)
    assert cli("apply", "--auto-approve").code == 0
    reminder = "    allow: [{rule: overlap, reason: a reminder}]\n"
    write(send("first", "our sale starts", "a.csv"), send("second", "our sale ends", "b.csv"), b=7)
    assert "warning [overlap]: 3 of 7 recipients also got first/offer at the same time" in cli("plan").out
    write(send("first", "our sale starts", "a.csv"), send("second", "our sale ends", "b.csv", reminder))
    assert "allowed: a reminder" in cli("plan").out
    write(a=4)
    assert "[overlap]" not in cli("plan").out


def rows(*numbers: int) -> str:
    """Return a list of numbers, in this order."""
    return "contactId,NAME\n" + "".join(f"{number(at)},Ann\n" for at in numbers)


@pytest.mark.field_case(34)
@pytest.mark.parametrize(
    ("a", "second", "shared"),
    [
        ([*range(60), 60], "a", "60 of 61"),
        (range(59), "a", "59 of 59"),
        (range(59, -1, -1), "a", "60 of 60"),
        ([*range(50), *range(70, 80)], "a", "60 of 60"),
        (range(61), "b", "50 of 55"),
        (range(61), "excluded", "60 of 60"),
    ],
    ids=["appended", "removed", "sorted", "replaced", "other-file", "exclude-list"],
)
def test_the_same_text_after_a_changed_row(cli, a, second, shared):
    """A list that was edited after its send still has most of its people, so the text is not sent again."""
    first = send("first", "our sale starts", "a.csv")
    write(first, a=60)
    assert cli("apply", "--auto-approve").code == 0
    (SPECS / "contacts/a.csv").write_text(rows(*a))
    (SPECS / "contacts/b.csv").write_text(rows(*range(10, 60), *range(90, 95)))
    (SPECS / "contacts/out.csv").write_text(f"contactId\n{number(3)}\n")
    file = "b.csv" if second == "b" else "a.csv"
    more = "    exclude: [../contacts/out.csv]\n" if second == "excluded" else ""
    write(first, send("second", "our sale starts", file, more))
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    message = f"{shared} recipients may have got this text from first/offer at the same time; its list"
    assert f"error [overlap]: {message} changed since" in done.out
    assert "[duplicate-content]" not in done.out
    assert lockfile(SPECS)["sends"].keys() == {"first/offer"}
    allow = "    allow: [{rule: overlap, reason: a reminder}]\n"
    write(first, send("second", "our sale starts", file, more + allow))
    assert cli("apply", "--auto-approve").code == 0


@pytest.mark.field_case(34)
@pytest.mark.parametrize(("then", "now"), [(1, 60), (60, 5)])
def test_the_same_text_to_a_file_of_another_size(cli, then, now):
    """A first try with one number, or new rows that replaced the old ones, are a warning."""
    first = send("first", "our sale starts", "a.csv")
    write(first, a=then)
    assert cli("apply", "--auto-approve").code == 0
    write(first, send("second", "our sale starts", "a.csv"), a=now)
    done = cli("plan")
    assert done.code == 0
    assert f"warning [overlap]: {min(now, then)} of {now} recipients may have got this text" in done.out


@pytest.mark.field_case(35)
def test_a_list_that_is_not_the_expected_one(cli):
    """Another number than `expected` blocks the plan; the number of the list does not."""
    write(send("sale", "our sale starts", "a.csv", "    expected: {recipients: 40, within: 5%}\n"), a=30)
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    assert "error [audience-change]: the send has 30 recipients, but `expected` allows 38 to 42" in done.out
    write(a=42)
    assert cli("apply", "--auto-approve").code == 0
    assert lockfile(SPECS)["sends"]["sale/offer"]["recipients"]["count"] == 42


@pytest.mark.field_case(35)
@pytest.mark.parametrize("count", [12, 400])
def test_a_list_that_was_cut_off_since_the_last_send(cli, count):
    """The next send to the same list has far fewer or more recipients; `expected` accepts them."""
    write(send("may", "our sale starts", "all.csv"), all=100)
    assert cli("apply", "--auto-approve").code == 0
    write(send("may", "our sale starts", "all.csv"), send("june", "our sale ends", "all.csv"), all=count)
    change = "88% fewer" if count == 12 else "300% more"
    message = f"the send has {count} recipients, {change} than the 100 of may/offer to this list on"
    assert f"warning [audience-change]: {message}" in cli("plan").out
    expected = f"    expected: {{recipients: {count}}}\n"
    write(send("may", "our sale starts", "all.csv"), send("june", "our sale ends", "all.csv", expected))
    assert "[audience-change]" not in cli("plan").out
