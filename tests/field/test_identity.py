"""One send keeps its identity: axes in another order, spellings of a value, and renames never send again."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sendspec.apply import job_of
from sendspec.audience import stretched_digest
from sendspec.ledger.codec import lockfile_bytes
from sendspec.load import load_project
from sendspec.model import LedgerState, OutcomeReason, RequestRecord, RequestState
from sendspec.plan import plan_project
from sendspec.structs import replace
from tests.projects import lockfile, people, project

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.model import Send

SPECS = Path("specs")
AT = datetime(2030, 1, 14, 9, 30, tzinfo=UTC)
TEXT = "Acme: hi %%NAME%%, 20% off ends tonight. Reply STOP to opt out."
NFC = unicodedata.normalize("NFC", "Zürich")
NFD = unicodedata.normalize("NFD", "Zürich")


def sale(  # noqa: PLR0913 - the parts of a send that a person edits
    campaign: str = "sale",
    send: str = "last-call",
    matrix: str = "",
    *,
    more: str = "",
    text: str = TEXT,
    file: str = "people.csv",
) -> str:
    """Return a campaign of one send."""
    return f"""\
campaign: {campaign}
purpose: marketing
sends:
  - id: {send}
{f"    matrix: {matrix}" if matrix else ""}
    endpoint: contacts
    channelQualifier: "148372"
    content: "{text}"
    contacts: {{file: ../contacts/{file}}}
    personalizationDefaults: {{NAME: there}}
{more}"""


def write(*campaigns: str, count: int = 3) -> None:
    """Replace the campaigns of the project."""
    for path in (SPECS / "campaigns").glob("*"):
        path.unlink()
    project(SPECS, *campaigns, count=count)


def sent() -> set[str]:
    """Return the ids of all transactions in the ledger."""
    return {
        request["transactionId"]
        for send in lockfile(SPECS)["sends"].values()
        for record in (send, *send.get("earlier", ()))
        for request in record["requests"]
        if request["state"] == "sent"
    }


def older_ledger(address_of: Callable[[Send], str], state: RequestState = RequestState.SENT) -> None:
    """Write the lockfile of a version that had other addresses: without axes, and without a digest."""
    loaded = load_project(SPECS)
    target = loaded.targets["sandbox"]
    records = {}
    for planned in plan_project(loaded, target, LedgerState("sandbox", "sandbox"), AT).sends:
        address, header = address_of(planned.send), job_of(planned).header
        assert header.recipients is not None
        assert planned.facts is not None
        digest = stretched_digest(address, planned.facts.digest)
        sent_before = state is RequestState.SENT
        request = RequestRecord(
            1,
            state,
            AT,
            transaction_id=f"old-{len(records)}" if sent_before else None,
            reason=OutcomeReason.ACCEPTED if sent_before else None,
        )
        records[address] = replace(
            header, recipients=replace(header.recipients, digest=digest), requests=(request,), axes=()
        )
    value = json.loads(lockfile_bytes(LedgerState("sandbox", "sandbox", records)))
    del value["digest"]
    (SPECS / "sendspec.sandbox.lock").write_text(json.dumps(value))


# ── row 4


@pytest.mark.field_case(4)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{locale: [en], tier: [gold]}", "{tier: [gold], locale: [en]}"),
        ("{b: [x], a: [y], c: [z]}", "{c: [z], a: [y], b: [x]}"),
        ("{day: [1, 2], slot: [1, 2]}", "{slot: [1, 2], day: [1, 2]}"),
        (f"{{city: [{NFC}]}}", f"{{city: [{NFD}]}}"),
        (f"{{city: [{NFD}]}}", f"{{city: [{NFC}]}}"),
        ("{week: [1]}", "{week: ['1']}"),
        ("{week: [1]}", "{week: [1.0]}"),
        ("{week: ['1.0']}", "{week: [1]}"),
        ("{vip: [true]}", "{vip: ['True']}"),
    ],
)
def test_another_spelling_of_a_matrix_sends_nothing(cli, before, after):
    """The order of axes, the Unicode form and the spelling of a number do not change what was sent."""
    same = "    allow: [{rule: overlap, reason: the values have one list here}]\n"
    write(sale(matrix=before, more=same))
    assert cli("apply", "--auto-approve").code == 0
    first = sent()
    write(sale(matrix=after, more=same))
    plan = cli("plan", "--full", "--detailed-exitcode")
    assert plan.code == 0
    assert plan.out.count("= sale/last-call[") == len(first) == lockfile(SPECS)["serial"] * len(first)
    assert cli("apply", "--auto-approve").code == 0
    assert sent() == first


@pytest.mark.field_case(4)
@pytest.mark.red_team(5)
@pytest.mark.parametrize(
    ("matrix", "address"),
    [
        ("{tier: [gold, silver], locale: [en, fr]}", "sale/last-call[{tier},{locale}]"),
        (f"{{city: [{NFC}]}}", f"sale/last-call[{NFD}]"),
        (f"{{tier: [gold], city: [{NFC}]}}", f"sale/last-call[gold,{NFD}]"),
        ("{week: [1]}", "sale/last-call[1.0]"),
        ("{zone: [9], locale: [en]}", "sale/last-call[9,en]"),
    ],
)
def test_the_ledger_of_an_older_version_is_recognised(cli, matrix, address):
    """Addresses in the order of the file, or in another Unicode form, are those of the same sends."""
    names = sorted(name.split(":")[0].strip() for name in matrix.strip("{}").split("], "))
    write(sale(matrix=matrix))
    older_ledger(
        lambda send: address.format(
            **dict(zip(names, send.address[:-1].partition("[")[2].split(","), strict=True))
        )
    )
    before = sent()
    plan = cli("plan", "--full", "--detailed-exitcode")
    assert plan.code == 0, plan.out
    assert plan.out.count("already sent") == len(before) + 1
    assert cli("apply", "--auto-approve").code == 0
    assert sent() == before
    ledger = lockfile(SPECS)
    assert set(ledger["sends"]) == {
        line.split()[1] for line in cli("plan", "--full").out.splitlines() if line.startswith("=")
    }


@pytest.mark.field_case(4)
@pytest.mark.red_team(5)
def test_values_that_may_belong_to_either_axis_are_not_sent(cli):
    """If an older ledger does not show which axis a value is of, a send that may be sent is an error."""
    write(
        sale(
            matrix="{slot: [1, 2], day: [1, 2]}",
            text="Acme: day {{ day }}, slot {{ slot }}. Reply STOP to opt out.",
        )
    )
    older_ledger(lambda send: f"sale/last-call[{send.address[-2]},{send.address[-4]}]")
    value = lockfile(SPECS)
    # Only slot 2 of day 1 was sent, as [2,1]; today this address is slot 1 of day 2.
    value["sends"] = {"sale/last-call[2,1]": value["sends"]["sale/last-call[2,1]"]}
    (SPECS / "sendspec.sandbox.lock").write_text(json.dumps(value))
    plan = cli("plan", "--full")
    assert plan.code == 3
    assert "same text as sale/last-call[2,1], which was sent on 2030-01-14" in plan.out
    assert "! sale/last-call[1,2]" in plan.out
    assert "~ sale/last-call[2,1]" in plan.out


@pytest.mark.field_case(4)
@pytest.mark.red_team(5)
@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("\u0435n", "U+0435 CYRILLIC SMALL LETTER IE"),
        ("\u0391\u0392", "U+0391 GREEK CAPITAL LETTER ALPHA"),
        ("en\u200b", "U+200B ZERO WIDTH SPACE"),
        ("e\u00adn", "U+00AD SOFT HYPHEN"),
        ("x\u0301", "U+0301 COMBINING ACUTE ACCENT"),
        ("en\ufe0f", "U+FE0F VARIATION SELECTOR-16"),
        ("en\u2013gb", "U+2013 EN DASH"),
        ("\uff11", "U+FF11 FULLWIDTH DIGIT ONE"),
    ],
)
def test_a_value_that_looks_like_another_one_is_refused(cli, value, name):
    """The error names the character, with file, line and column."""
    write(sale(matrix=f"{{locale: [en, '{value}']}}"))
    done = cli("plan", "--full")
    assert done.code == 1
    assert f"specs/campaigns/c0.yaml:5:27: error: the value {value!r} contains {name}" in done.err


@pytest.mark.field_case(4)
@pytest.mark.parametrize("value", ["Zürich", "москва", "東京", "हिन्दी", "Diyarbak\u0131r", "São Paulo"])
def test_words_of_other_languages_are_values(cli, value):
    """A word of one script is a value, in either Unicode form."""
    write(sale(matrix=f"{{city: ['{unicodedata.normalize('NFD', value)}']}}"))
    assert f"+ sale/last-call[{value}]" in cli("plan", "--full").out


# ── row 7

RENAMES = [names for names in product((False, True), repeat=3) if any(names)]
ALL = RENAMES[-1]


def renamed(names: tuple[bool, bool, bool], **parts: str) -> str:
    campaign, send, value = names
    return sale(
        "autumn" if campaign else "sale",
        "final-call" if send else "last-call",
        "{locale: [en-gb]}" if value else "{locale: [en]}",
        **parts,
    )


def address(names: tuple[bool, bool, bool]) -> str:
    campaign, send, value = names
    return (
        f"{'autumn' if campaign else 'sale'}/{'final-call' if send else 'last-call'}"
        f"[{'en-gb' if value else 'en'}]"
    )


@pytest.mark.field_case(7)
@pytest.mark.parametrize(
    ("names", "edit"),
    [*((names, "nothing") for names in RENAMES), *((names, "text") for names in RENAMES[:3]), (ALL, "list")],
)
def test_a_rename_after_the_send_is_an_error(cli, names, edit):
    """A renamed send has the recipients or the text of the one that left: both addresses are named."""
    write(sale(matrix="{locale: [en]}"))
    assert cli("apply", "--auto-approve").code == 0
    first = sent()
    text = "Acme: 25% off ends tonight. Reply STOP to opt out." if edit == "text" else TEXT
    write(renamed(names, text=text), count=4 if edit == "list" else 3)
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    what = "recipients" if edit == "text" else "text"
    assert f"error [renamed-send]: same {what} as sale/last-call[en], which was sent on " in done.out
    assert f"({address(names)})" in done.out
    assert "add `formerly: [" in done.out
    assert "add an `allow` entry with a reason" in done.out
    assert sent() == first


@pytest.mark.field_case(7)
@pytest.mark.parametrize("names", RENAMES)
def test_formerly_moves_the_record(cli, names):
    """With `formerly` the send is already sent; the record has the new address also after it is removed."""
    write(sale(matrix="{locale: [en]}"))
    assert cli("apply", "--auto-approve").code == 0
    first = sent()
    write(renamed(names, more='    formerly: ["sale/last-call[en]"]\n'))
    plan = cli("plan", "--full", "--detailed-exitcode")
    assert plan.code == 0
    [line] = [line for line in plan.out.splitlines() if line.startswith("= ")]
    assert line.startswith(f"= {address(names)}  contacts  already sent (transaction ")
    assert line.endswith("; moved from sale/last-call[en]")
    assert cli("apply", "--auto-approve").code == 0
    assert list(lockfile(SPECS)["sends"]) == [address(names)]
    assert lockfile(SPECS)["moved"] == {"sale/last-call[en]": address(names)}
    write(renamed(names))
    assert cli("apply", "--auto-approve").code == 0
    assert sent() == first


@pytest.mark.field_case(7)
@pytest.mark.parametrize("back", [sale(), sale("autumn", "final-call"), sale("spring")])
def test_an_older_commit_finds_the_moved_record(cli, back):
    """A tree from before any rename of a chain sends nothing, and the current one neither."""
    chain = [
        sale(),
        sale("autumn", "final-call", more="    formerly: [sale/last-call]\n"),
        sale("spring", more="    formerly: [autumn/final-call]\n"),
    ]
    for campaign in chain:
        write(campaign)
        assert cli("apply", "--auto-approve").code == 0
    first = sent()
    assert len(first) == 1
    for campaign in (back, chain[2], back):
        write(campaign)
        assert cli("apply", "--auto-approve").code == 0
    assert sent() == first
    assert "spring/last-call" in lockfile(SPECS)["sends"]


@pytest.mark.field_case(7)
def test_a_chain_that_was_never_applied_between(cli):
    """All former names may be listed; those that the ledger does not have are harmless."""
    write(sale())
    cli("apply", "--auto-approve")
    first = sent()
    write(sale("spring", more="    formerly: [autumn/final-call, sale/last-call]\n"))
    assert cli("apply", "--auto-approve").code == 0
    assert sent() == first


@pytest.mark.field_case(7)
def test_a_rename_with_an_edit_is_an_edit(cli):
    """With `formerly`, an edited text is an edit of what was sent, and nothing goes out."""
    write(sale())
    cli("apply", "--auto-approve")
    first = sent()
    other = "Acme: 25% off. Reply STOP to opt out."
    write(sale("autumn", more="    formerly: [sale/last-call]\n", text=other))
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    assert "error [changed-after-send]: content changed after revision 1 was sent" in done.out
    assert sent() == first


@pytest.mark.field_case(7)
def test_a_rename_with_a_raised_revision_sends_again_as_the_plan_says(cli):
    """A raised revision is the second message that a person wants, and the plan names it so."""
    write(sale())
    cli("apply", "--auto-approve")
    write(sale("autumn", more="    formerly: [sale/last-call]\n    revision: 2\n"))
    done = cli("apply", "--auto-approve")
    assert done.code == 0
    assert "+ autumn/last-call  contacts, revision 2  SENDS AGAIN to 3 people" in done.out
    assert "; moved from sale/last-call" in done.out
    assert len(sent()) == 2
    assert [record["revision"] for record in (lockfile(SPECS)["sends"]["autumn/last-call"],)] == [2]


@pytest.mark.field_case(7)
def test_a_rename_without_formerly_and_a_raised_revision_is_an_error(cli):
    """A raised revision of a new address does not excuse the rename."""
    write(sale())
    cli("apply", "--auto-approve")
    write(sale("autumn", more="    revision: 2\n"))
    assert cli("apply", "--auto-approve").code == 3
    assert len(sent()) == 1


@pytest.mark.field_case(7)
@pytest.mark.parametrize("state", [RequestState.UNKNOWN, RequestState.INTENT])
def test_a_request_of_unknown_outcome_stays_unknown(cli, state):
    """An unknown request blocks the renamed send, with `formerly` and without, and can be resolved."""
    write(sale())
    older_ledger(lambda send: send.address, state)
    write(sale("autumn"))
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    assert "same text as sale/last-call, which may have been sent on 2030-01-14" in done.out
    write(sale("autumn", more="    formerly: [sale/last-call]\n"))
    assert cli("apply", "--auto-approve").code == 7
    old_name = ("resolve", "sale/last-call#1", "--sent", "abc", "--reason", "looked up")
    assert cli(*old_name).code == 0
    assert cli("apply", "--auto-approve").code == 0
    assert sent() == {"abc"}


@pytest.mark.field_case(7)
def test_a_partial_send_continues_under_its_new_name(cli):
    """Only the requests that were not sent go out, under the new address."""
    write(sale(), count=2500)
    older_ledger(lambda send: send.address)
    write(sale("autumn"), count=2500)
    assert cli("apply", "--auto-approve").code == 3
    write(sale("autumn", more="    formerly: [sale/last-call]\n"), count=2500)
    done = cli("apply", "--auto-approve")
    assert done.code == 0
    assert "> autumn/last-call  contacts  the rest: 1,500 people" in done.out
    [record] = lockfile(SPECS)["sends"].values()
    assert [request["batch"] for request in record["requests"]] == [1, 2, 3]
    assert record["recipients"]["salt"] == "sale/last-call"


@pytest.mark.field_case(7)
@pytest.mark.parametrize(
    ("campaigns", "message"),
    [
        (
            (sale(), sale("autumn", more="    formerly: [sale/last-call]\n")),
            "the send sale/last-call is still in the specs",
        ),
        (
            (
                sale("autumn", more="    formerly: [sale/last-call]\n"),
                sale("spring", more="    formerly: [sale/last-call]\n"),
            ),
            "sale/last-call is also a former address of autumn/last-call",
        ),
        (
            (sale("autumn", matrix="{locale: [en, fr]}", more="    formerly: [sale/last-call]\n"),),
            "sale/last-call belongs to autumn/last-call[en]",
        ),
        (
            (sale("autumn", more="    formerly: [sale]\n"),),
            "'sale' is not the address of a send",
        ),
    ],
)
def test_a_record_belongs_to_one_send(cli, campaigns, message):
    """Two sends cannot have one record: the plan is refused, and nothing is sent."""
    write(sale())
    cli("apply", "--auto-approve")
    first = sent()
    write(*campaigns)
    done = cli("apply", "--auto-approve")
    assert done.code == 1
    assert message in done.err
    assert sent() == first


@pytest.mark.field_case(7)
def test_a_former_address_cannot_be_reused(cli):
    """A new send with the former address of another one is refused: an older commit has it, too."""
    write(sale())
    cli("apply", "--auto-approve")
    write(sale("autumn", more="    formerly: [sale/last-call]\n"))
    cli("apply", "--auto-approve")
    write(sale("autumn"), sale(text="Acme: something new. Reply STOP to opt out."))
    done = cli("apply", "--auto-approve")
    assert done.code == 1
    assert "sale/last-call is a former address of autumn/last-call" in done.err
    assert len(sent()) == 1


@pytest.mark.field_case(7)
def test_a_second_message_on_purpose_is_allowed(cli):
    """`allow` with a reason sends to the same recipients under another address."""
    write(sale())
    cli("apply", "--auto-approve")
    allow = "    allow: [{rule: renamed-send, reason: our weekly list}]\n"
    write(sale("week-2", text="Acme: news of week 2. Reply STOP to opt out.", more=allow))
    assert cli("apply", "--auto-approve").code == 0
    assert len(sent()) == 2


@pytest.mark.field_case(7)
def test_sends_that_stay_in_the_specs_are_no_renames(cli):
    """A second message to a regular list needs no exception while the first one is in the specs."""
    write(sale())
    cli("apply", "--auto-approve")
    write(sale(), sale("week-2", text="Acme: news of week 2. Reply STOP to opt out."))
    assert cli("apply", "--auto-approve").code == 0
    assert len(sent()) == 2


NEWS = "Acme: our new store in Leeds opens on Friday. Reply STOP to opt out."


@pytest.mark.field_case(7)
@pytest.mark.parametrize(("send", "earlier"), [("last-call", 1), ("mail", 9)])
def test_another_message_to_a_stable_list(cli, send, earlier):
    """A campaign that replaces finished ones is a warning if its text is another one, also after many."""
    allow = "    allow: [{rule: renamed-send, reason: our list}]\n"
    for name in "abcdefghi"[:earlier]:
        write(sale(name, text=f"Acme: {name * 9} today. Reply STOP to opt out.", more=allow))
        assert cli("apply", "--auto-approve").code == 0
    first = sent()
    write(sale("news", send, text=NEWS))
    done = cli("apply", "--auto-approve")
    assert done.code == 0
    assert "warning [renamed-send]: same recipients as " in done.out
    assert "and left the specs; another text (news/" in done.out
    assert "keep sent sends in the specs, or add an `allow` entry with a reason" in done.out
    assert len(sent()) == len(first) + 1


@pytest.mark.field_case(7)
@pytest.mark.parametrize("edit", ["campaign", "small edit", "contentId", "sentence added", "earlier text"])
def test_a_text_that_may_be_an_edit_is_a_rename(cli, edit):
    """Without another campaign and a clearly other text, the same recipients are an error, as before."""
    text = "Acme: our new store in Leeds opens on Saturday. Reply STOP to opt out."
    more = ""
    if edit == "sentence added":
        text = "Acme: our new store in Leeds opens on Friday. See you there. Reply STOP to opt out."
    elif edit == "campaign":
        text = TEXT
    write(sale(text=NEWS))
    cli("apply", "--auto-approve")
    if edit == "earlier text":
        write(sale(text="Acme: buy boots now, half price. Reply STOP to opt out.", more="    revision: 2\n"))
        cli("apply", "--auto-approve")
    first = sent()
    new = sale("sale" if edit == "campaign" else "news", "mail", text=text, more=more)
    if edit == "contentId":
        new = new.replace(f'content: "{text}"', "contentId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c")
    write(new)
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    assert "error [renamed-send]: same recipients as sale/last-call" in done.out
    assert "if it was renamed, undo the edit and add `formerly: [sale/last-call]`" in done.out
    assert sent() == first


@pytest.mark.field_case(7)
def test_a_warning_hides_no_rename(cli):
    """Of two sends that left the specs, the one whose text was edited is the error."""
    allow = "    allow: [{rule: renamed-send, reason: our list}]\n"
    write(sale("mail", "last-call", text="Acme: buy boots now, half price. Reply STOP to opt out."))
    cli("apply", "--auto-approve")
    write(sale("zoo", "other", text=NEWS, more=allow))
    cli("apply", "--auto-approve")
    write(sale("autumn", "last-call", text=NEWS.replace("Friday", "Monday")))
    done = cli("plan", "--full")
    assert done.code == 3
    assert "error [renamed-send]: same recipients as zoo/other" in done.out


@pytest.mark.field_case(7)
def test_the_same_text_to_other_people(cli):
    """A standard text for another list needs `allow`, because the ledger does not have the people."""
    write(sale("outage", "area-12"))
    cli("apply", "--auto-approve")
    write(sale("outage", "area-13"), count=4)
    done = cli("plan", "--full")
    assert done.code == 3
    assert (
        "hint: if it is for other people, add an `allow` entry with a reason; if it was renamed" in done.out
    )


@pytest.mark.field_case(7)
def test_an_unknown_former_address_is_a_note(cli):
    """A typo in `formerly` is reported, and the rename is still an error."""
    write(sale())
    cli("apply", "--auto-approve")
    write(sale("autumn", more="    formerly: [sale/lats-call]\n"))
    done = cli("plan", "--full")
    assert done.code == 3
    assert "`formerly` names sale/lats-call, but the ledger of sandbox does not have it" in done.out
    assert "same text as sale/last-call" in done.out


@pytest.mark.field_case(7)
def test_a_published_message_under_another_name_is_an_error(cli):
    """A contact-source send that is renamed has another messageName, which the vendor would accept."""
    job = """\
campaign: {campaign}
purpose: marketing
sends:
  - id: teaser
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
    contactSourceId: 4396816
    messageName: "{{{{ campaign }}}}-teaser"
    scheduledDate: "2099-12-01T14:00:00-05:00"
    audience: {{timezones: [America/New_York]}}
{more}"""
    write(job.format(campaign="spring", more=""))
    assert cli("apply", "--auto-approve").code == 0
    write(job.format(campaign="summer", more=""))
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    assert "same text as spring/teaser" in done.out
    write(job.format(campaign="summer", more="    formerly: [spring/teaser]\n"))
    done = cli("apply", "--auto-approve")
    assert done.code == 3
    assert "~ summer/teaser  contact-source  edited, but job " in done.out
    assert len(lockfile(SPECS)["sends"]) == 1


@pytest.mark.field_case(7)
def test_a_list_of_other_people_in_the_old_order(cli):
    """People and text that both differ are another send."""
    write(sale())
    cli("apply", "--auto-approve")
    write(sale("week-2", text="Acme: news of week 2. Reply STOP to opt out.", file="others.csv"))
    (SPECS / "contacts" / "others.csv").write_text(people(5, name="Grace"))
    assert cli("apply", "--auto-approve").code == 0
    assert len(sent()) == 2
