"""Lists that share people, and lists whose length is not the expected one."""

from __future__ import annotations

import pytest

from tests.field.test_identity import SPECS
from tests.projects import lockfile, people, project

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
