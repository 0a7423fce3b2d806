"""Sends that are renumbered, exchanged or copied: no text reaches the same people twice without `allow`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.field.test_identity import SPECS, sale, sent, write
from tests.projects import lockfile, people

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = "Acme: please pay your bill. Reply STOP to opt out."
SECOND = "Acme: this is the last call to pay. Reply STOP to opt out."
NEW = "Acme: your bill is ready. Reply STOP to opt out."
ID = "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"


@pytest.fixture(autouse=True)
def _lists(cli):
    """Write the lists of three groups of people."""
    contacts = SPECS / "contacts"
    contacts.mkdir(parents=True)
    for name, first in (("a", 1), ("b", 10), ("c", 20)):
        (contacts / f"{name}.csv").write_text(people_from(first))


def people_from(first: int, count: int = 3) -> str:
    header, *rows = people(first + count - 1).splitlines()
    return "\n".join([header, *rows[-count:]]) + "\n"


def campaign(name: str, sends: Sequence[tuple[str, str, str]], more: str = "") -> str:
    """Return a campaign of sends: their ids, texts and lists."""
    parts = "".join(
        f"""\
  - id: {send}
    endpoint: contacts
    channelQualifier: "148372"
    content: "{text}"
    contacts: {{file: "../contacts/{file}.csv"}}
{more}"""
        for send, text, file in sends
    )
    return f"campaign: {name}\npurpose: marketing\nsends:\n{parts}"


def waves(*lists: str) -> str:
    """Return one send with a matrix of waves, and copy the list of each wave to its place."""
    for number, name in enumerate(lists, 1):
        source = (SPECS / "contacts" / f"{name}.csv").read_text()
        (SPECS / "contacts" / f"w-{number}.csv").write_text(source)
    values = ", ".join(map(str, range(1, len(lists) + 1)))
    body = campaign("dunning", [("reminder", FIRST, "w-{{ wave }}")])
    return body.replace("    endpoint", f"    matrix: {{wave: [{values}]}}\n    endpoint")


def job(name: str, message_id: str, date: str = "2099-12-01T14:00:00-05:00", more: str = "") -> str:
    return f"""\
campaign: spring
purpose: marketing
sends:
  - id: {name}
    endpoint: contact-source
    publishedMessageId: {message_id}
    contactSourceId: 4396816
    messageName: "spring-{name}"
    scheduledDate: "{date}"
    audience: {{timezones: [Europe/London]}}
{more}"""


@pytest.mark.field_case(7)
@pytest.mark.parametrize("selected", [(), ("--send", "dunning/reminder-3")])
@pytest.mark.parametrize("edit", ["nothing", "text", "list"])
def test_a_send_inserted_before_others(cli, edit, selected):
    """After reminders are renumbered, the last one is what an earlier address had: an error."""
    write(campaign("dunning", [("reminder-1", FIRST, "a"), ("reminder-2", SECOND, "b")]))
    assert cli("apply", "--auto-approve").code == 0
    first = sent()
    last = SECOND.replace("last", "very last") if edit == "text" else SECOND
    if edit == "list":
        (SPECS / "contacts" / "b.csv").write_text(people_from(10, 5))
    write(
        campaign("dunning", [("reminder-1", NEW, "a"), ("reminder-2", FIRST, "a"), ("reminder-3", last, "b")])
    )
    done = cli("apply", "--auto-approve", *selected)
    if edit == "text" and selected:
        # The lists of other sends were not read, and the same list alone may be a regular one.
        assert done.code == 0
        return
    assert done.code == 3
    what = "recipients as dunning/reminder-2" if edit == "text" else "text as dunning/reminder-2"
    assert f"error [renamed-send]: same {what}, which was sent on " in done.out
    assert "(dunning/reminder-3)" in done.out
    assert "give the new one its own id" in done.out
    assert sent() == first


@pytest.mark.field_case(7)
@pytest.mark.parametrize("selected", [(), ("--send", "autumn")])
def test_campaigns_that_take_the_name_of_the_next(cli, selected):
    """The campaign summer became autumn, and spring became summer: autumn was sent as summer."""
    write(campaign("spring", [("offer", FIRST, "a")]), campaign("summer", [("offer", SECOND, "b")]))
    assert cli("apply", "--auto-approve").code == 0
    first = sent()
    write(campaign("summer", [("offer", FIRST, "a")]), campaign("autumn", [("offer", SECOND, "b")]))
    done = cli("apply", "--auto-approve", *selected)
    assert done.code == 3
    assert "same text as summer/offer, which was sent on " in done.out
    assert "and was edited since" in done.out
    assert sent() == first


@pytest.mark.field_case(7)
@pytest.mark.parametrize("selected", [(), ("--send", "dunning/reminder[3]")])
def test_values_of_a_matrix_that_move_on(cli, selected):
    """The lists of two waves move to the next wave, and new people take the first one."""
    write(waves("a", "b"))
    assert cli("apply", "--auto-approve").code == 0
    first = sent()
    write(waves("c", "a", "b"))
    done = cli("apply", "--auto-approve", *selected)
    assert done.code == 3
    what = "text and recipients" if selected else "recipients"
    assert f"same {what} as dunning/reminder[2], which was sent on " in done.out
    assert sent() == first


@pytest.mark.field_case(7)
def test_a_wave_that_is_added_is_sent(cli):
    """The same text to other people is another send, with --send and without, also if a list changed."""
    write(waves("a"))
    assert cli("apply", "--auto-approve").code == 0
    write(waves("a", "b"))
    assert cli("apply", "--auto-approve", "--send", "dunning/reminder[2]").code == 0
    (SPECS / "contacts" / "a.csv").write_text(people_from(4))
    write(waves("a", "b", "c"))
    assert cli("apply", "--auto-approve").code == 0
    assert len(sent()) == 3


@pytest.mark.field_case(7)
def test_a_regular_list_whose_file_changes(cli):
    """A new text goes to a list that grew, or whose names were corrected, after earlier texts."""
    write(campaign("news", [("week-1", FIRST, "a")]))
    assert cli("apply", "--auto-approve").code == 0
    for week, count in ((2, 3), (3, 4)):
        (SPECS / "contacts" / "a.csv").write_text(people_from(1, count).replace("Ann", "Anne"))
        weeks = [(f"week-{number}", f"Acme: news {number}. Reply STOP.", "a") for number in range(2, week)]
        write(
            campaign(
                "news",
                [("week-1", FIRST, "a"), *weeks, (f"week-{week}", f"Acme: news {week}. Reply STOP.", "a")],
            )
        )
        done = cli("apply", "--auto-approve")
        assert done.code == 0, done.out
    assert len(sent()) == 3


@pytest.mark.field_case(7)
def test_a_raised_revision_takes_what_another_address_had(cli):
    """A renumbered send with a raised revision repeats the text of another address to its people."""
    write(campaign("dunning", [("reminder-1", FIRST, "a"), ("reminder-2", SECOND, "b")]))
    assert cli("apply", "--auto-approve").code == 0
    first = sent()
    raised = campaign("dunning", [("reminder-2", FIRST, "a")], "    revision: 2\n")
    write(raised)
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    assert "same recipients as dunning/reminder-1, which was sent on " in done.out
    assert sent() == first


@pytest.mark.field_case(7)
def test_a_raised_revision_keeps_its_list(cli):
    """A new text to the list of another send is not a rename while that send has a raised revision."""
    write(campaign("news", [("week-1", FIRST, "a")]))
    assert cli("apply", "--auto-approve").code == 0
    raised = campaign("news", [("week-1", SECOND, "a")], "    revision: 2\n")
    write(raised, campaign("other", [("week-2", NEW, "a")]))
    assert cli("apply", "--auto-approve").code == 0
    assert len(sent()) == 3


@pytest.mark.field_case(7)
def test_status_of_either_address(cli):
    """After a rename, `status --send` finds the send by its former address, too."""
    write(sale())
    assert cli("apply", "--auto-approve").code == 0
    write(sale("autumn", more="    formerly: [sale/last-call]\n"))
    assert cli("apply", "--auto-approve").code == 0
    for name in ("sale", "sale/last-call", "autumn/last-call"):
        done = cli("status", "--send", name, "--interval", "0.01")
        assert (done.code, done.err, "autumn/last-call" in done.out) == (0, "", True)
    assert cli("status", "--send", "sale/other").code == 64


@pytest.mark.field_case(7)
@pytest.mark.parametrize("was_sent", [True, False])
def test_a_copy_of_a_send_is_a_warning(cli, was_sent):
    """Two sends with the same text and people, a week apart, are a warning, which `allow` excepts."""
    one, later = ("offer", FIRST, "a"), '    notBefore: "2099-12-01T19:00:00Z"\n'
    write(campaign("spring", [one]))
    if was_sent:
        assert cli("apply", "--auto-approve").code == 0
    write(campaign("spring", [one]), campaign("summer", [one], later))
    done = cli("plan")
    assert done.code == 0
    assert done.out.count("[duplicate-content]") == 1
    other = "which was sent on " if was_sent else "which is new, too; these people get it twice"
    assert f"warning [duplicate-content]: same text and recipients as spring/offer, {other}" in done.out
    allow = "    allow: [{rule: duplicate-content, reason: a reminder}]\n"
    write(campaign("spring", [one]), campaign("summer", [one], later + allow))
    assert "allowed: a reminder" in cli("plan").out


@pytest.mark.field_case(7)
@pytest.mark.parametrize("was_sent", [True, False])
def test_a_copy_within_a_day_is_an_error(cli, was_sent):
    """The same text twice within a day blocks the later send, also if only some people get both."""
    first, second = ("offer", FIRST, "a"), ("offer", FIRST, "b")
    (SPECS / "contacts" / "b.csv").write_text(people_from(2, 4))
    write(campaign("spring", [first]))
    if was_sent:
        assert cli("apply", "--auto-approve").code == 0
    write(campaign("spring", [first]), campaign("summer", [second]))
    before = len(sent()) if was_sent else 0
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    verb = "got" if was_sent else "get"
    assert f"error [overlap]: 2 of 4 recipients {verb} the same text from spring/offer at the" in done.out
    assert "[duplicate-content]" not in done.out
    assert (len(sent()) if was_sent else 0) == before
    allow = "    allow: [{rule: overlap, reason: a reminder}]\n"
    write(campaign("spring", [first]), campaign("summer", [second], allow))
    assert cli("apply", "--auto-approve").code == 0
    assert len(sent()) == 2


@pytest.mark.field_case(7)
@pytest.mark.parametrize(
    "text",
    [
        "  Acme: PLEASE pay your bill, %%FIRST%%. Reply STOP to opt out!! ",
        "acme: please pay your bill, %%NAME%%. Reply STOP to opt out",
    ],
)
def test_a_rename_with_a_sorted_list_and_a_small_edit(cli, text):
    """Names of tags, case, spaces and the last full stop do not make another text."""
    write(sale(text="Acme: please pay your bill, %%NAME%%. Reply STOP to opt out."))
    assert cli("apply", "--auto-approve").code == 0
    first = sent()
    write(
        sale("autumn", text=text, file="sorted.csv").replace("{NAME: there}", "{NAME: there, FIRST: there}")
    )
    header, *rows = (SPECS / "contacts" / "people.csv").read_text().splitlines()
    (SPECS / "contacts" / "sorted.csv").write_text(
        "\n".join([header.replace("NAME", "FIRST"), *rows[::-1]]) + "\n"
    )
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    assert "same text as sale/last-call, which was sent on " in done.out
    assert sent() == first


@pytest.mark.field_case(7)
def test_the_id_of_a_message_in_capitals(cli):
    """A job under another name is that of the same message, also if its UUID has capitals."""
    write(job("teaser", ID))
    assert cli("apply", "--auto-approve").code == 0
    write(job("second", ID.upper()))
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    assert "same text as spring/teaser" in done.out
    assert len(lockfile(SPECS)["sends"]) == 1


@pytest.mark.field_case(7)
def test_a_second_job_of_one_message_at_one_instant(cli):
    """A copy of a job that stays in the specs is a warning; another date is another job."""
    write(job("teaser", ID))
    assert cli("apply", "--auto-approve").code == 0
    copy = job("second", ID.upper(), "2099-12-01T19:00:00Z").replace("campaign: spring", "campaign: summer")
    write(job("teaser", ID), copy)
    assert "warning [duplicate-content]: same text and recipients as spring/teaser" in cli("plan").out
    write(job("teaser", ID), copy.replace("12-01", "12-08"))
    assert "[duplicate-content]" not in cli("plan").out


@pytest.mark.field_case(7)
@pytest.mark.parametrize("selected", [(), ("--send", "third")])
def test_jobs_that_are_renumbered(cli, selected):
    """One message for several contact sources: the last job has the source that an earlier address had."""

    def jobs(*sources: str) -> list[str]:
        found = zip(("first", "second", "third"), sources, strict=False)
        return [
            job("job", ID, f"2099-12-0{day}T14:00:00Z").replace("4396816", source).replace("spring", name)
            for day, (name, source) in enumerate(found, 1)
        ]

    write(*jobs("11", "22"))
    assert cli("apply", "--auto-approve").code == 0
    write(*jobs("33", "11", "22"))
    done = cli("apply", "--auto-approve", *selected)
    assert done.code == 3
    assert "same text as second/job, which was sent on " in done.out
    assert len(lockfile(SPECS)["sends"]) == 2


@pytest.mark.field_case(7)
def test_addresses_that_are_exchanged(cli):
    """`formerly` cannot exchange addresses, and the hint says what to do."""
    write(campaign("sale", [("a", FIRST, "a"), ("b", SECOND, "b")]))
    assert cli("apply", "--auto-approve").code == 0
    first = sent()
    moved = campaign("sale", [("b", FIRST, "a"), ("c", SECOND, "b")])
    moved = moved.replace("- id: b\n", "- id: b\n    formerly: [sale/a]\n")
    write(moved.replace("- id: c\n", "- id: c\n    formerly: [sale/b]\n"))
    done = cli("apply", "--auto-approve")
    assert done.code == 1
    assert "the send sale/b is still in the specs" in done.err
    assert "give this one an id that no send had and remove `formerly`" in done.err
    assert sent() == first


@pytest.mark.field_case(7)
@pytest.mark.field_case(10)
def test_a_job_is_stopped_under_either_address(cli):
    """The command that the plan prints works before apply recorded the move, and the old name after it."""
    date = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT10:00:00Z}"
    write(job("teaser", ID, date))
    assert cli("apply", "--auto-approve").code == 0
    formerly = "    formerly: [spring/teaser]\n"
    write(job("second", ID, date, formerly))
    assert "sendspec resolve 'spring/teaser#1'" in cli("plan").out
    refused = cli("resolve", "spring/second#1", "--stopped", "--reason", "x")
    assert refused.code == 1
    write(job("second", ID, date, formerly).replace("spring-second", "spring-teaser"))
    assert cli("apply", "--auto-approve").code == 0
    done = cli("resolve", "spring/teaser#1", "--stopped", "--reason", "moved to May")
    assert done.code == 0
    assert "spring/second#1 (job " in done.err
