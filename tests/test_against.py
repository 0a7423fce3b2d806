"""`plan --against`: what a branch changes against a base, in repositories of git."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sendspec import schema
from sendspec.model import Location, Locations
from tests.branching import SETTINGS, against, campaign, commit, kinds, list_of, of, repository, send, write
from tests.ledgers import git
from tests.projects import CONTACTS, TEASER, number
from tests.sandboxed import sandboxed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.processes.runs import Done

    Cli = Callable[..., Done]


def carried(difference: dict[str, Any]) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Return the causes of each send that the branch does not touch."""
    return {
        found["address"]: [(cause["kind"], tuple(cause["names"])) for cause in found["causes"]]
        for found in difference["carried"]
    }


# ── kinds


def test_each_kind_of_difference(cli: Cli, tmp_path: Path) -> None:
    """A branch that does everything to one campaign has each address once, with its kind."""
    names = ("edited", "moved", "renamed", "same", "cancelled")
    specs = repository(tmp_path, sends=[send(name, f"Acme: {name}.") for name in names])
    sends = [
        send("edited", "Acme: new text."),
        send("moved", "Acme: moved.", day="12"),
        send("other-name", "Acme: renamed.") + "    formerly: [sale/renamed]\n",
        send("same", "Acme: same."),
        send("new", "Acme: never seen."),
    ]
    write(specs, {"campaigns/sale.yaml": campaign("sale", *sends)})
    found = against(cli)
    assert kinds(found) == {
        "sale/cancelled": "cancelled",
        "sale/edited": "edited",
        "sale/moved": "moved",
        "sale/new": "new",
        "sale/other-name": "renamed",
        "sale/same": "untouched",
    }
    assert of(found, "sale/edited")["fields"] == [
        {
            "field": "content",
            "before": "Acme: edited. Reply STOP to opt out.",
            "now": "Acme: new text. Reply STOP to opt out.",
        }
    ]
    assert of(found, "sale/moved")["times"] == [
        {"field": "notBefore", "before": "2099-04-10T12:00:00-04:00", "now": "2099-04-12T12:00:00-04:00"}
    ]
    lost = of(found, "sale/cancelled")["base"]
    assert (lost["sign"], lost["recipients"], lost["reached"]) == ("@", 19, 0)
    assert of(found, "sale/other-name")["renamedFrom"] == "sale/renamed"
    assert carried(found) == {"sale/same": [("pending-in-base", ())]}


def test_the_text_plan_shows_the_difference(cli: Cli, tmp_path: Path) -> None:
    """The plan as text names the base, the counts, and what happens to the send that is missing."""
    specs = repository(tmp_path, sends=[send("one"), send("two", "Acme: two.")])
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("one", "Acme: é[31m."))})
    start = git("rev-parse", "--short=7", "main", where=tmp_path)
    lines = cli("plan", "--against", "main").out.splitlines()
    at = lines.index(f"Compared with main at {start}: 1 edited, 1 cancelled.")
    assert lines[at + 1 : at + 3] == [
        "    sale/one: edited",
        '        content: "Acme: [-sale today-]{+é[31m+}. Reply STOP to opt out."',
    ]
    assert lines[at + 3] == "    sale/two: cancelled: 19 people, none of them has received it; it waited"


def test_the_same_instant_in_another_notation_is_an_edit(cli: Cli, tmp_path: Path) -> None:
    """A `scheduledDate` in another zone is not a move, because the job starts at the same time."""
    specs = repository(tmp_path, more={"campaigns/spring.yaml": TEASER})
    write(specs, {"campaigns/spring.yaml": TEASER.replace("14:00:00-05:00", "19:00:00Z")})
    found = of(against(cli), "spring/teaser")
    assert (found["kind"], found["times"]) == ("edited", [])
    assert [change["field"] for change in found["fields"]] == ["scheduledDate"]


def test_settings_notes_and_exceptions_are_compared(cli: Cli, tmp_path: Path) -> None:
    """A level of a rule, an `allow` entry, the revision and the notes of a campaign are differences."""
    specs = repository(tmp_path)
    one = send("one") + "    revision: 2\n    allow: [{rule: late-send, reason: call 212 555 0123}]\n"
    text = campaign("sale", one).replace("purpose", "owner: call 212 555 0124\npurpose")
    write(
        specs,
        {"campaigns/sale.yaml": text, "sendspec.yaml": SETTINGS + "rules: {quiet-hours: off}\nbrand: Acme\n"},
    )
    found = against(cli)
    assert {change["field"]: change["now"] for change in of(found, "sale/one")["fields"]} == {
        "allow": [{"rule": "late-send", "reason": "call 2125••••23", "until": None}],
        "owner": "call 2125••••24",
        "revision": 2,
    }
    assert found["settings"] == [
        {"field": "brand", "before": None, "now": ["Acme"]},
        {"field": "rules.quiet-hours", "before": None, "now": {"level": "off"}},
    ]


def test_a_job_that_the_vendor_has_is_cancelled_but_still_starts(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A removed send whose job the vendor has is marked, because only a person can stop the job."""
    specs = tmp_path / "specs"
    with sandboxed(specs, TEASER) as sandbox:
        monkeypatch.setenv("SENDSPEC_ALLOWED_HOSTS", "127.0.0.1")
        assert cli("apply", "--auto-approve").code == 0, sandbox
        git("init", "--quiet", "--initial-branch=main", ".", where=tmp_path)
        (tmp_path / ".gitignore").write_text("*.lock\n.sendspec/\n")
        commit(tmp_path)
        write(specs, {"campaigns/c0.yaml": TEASER.replace("teaser\n", "another\n", 1)})
        found = of(against(cli), "spring/teaser")
        assert (found["kind"], found["base"]["withVendor"], found["base"]["sign"]) == ("cancelled", True, "=")
        done = cli("plan", "--against", "main").out
        assert "spring/teaser: removed, but the vendor has its job" in done
        assert "1 new, 1 removed, still with the vendor." in done


# ── the plan stays the plan


def test_the_digest_is_that_of_a_plan_without_a_base(cli: Cli, tmp_path: Path) -> None:
    """The comparison is not a part of the digest, so a plan that was saved with it can be applied."""
    specs = repository(tmp_path)
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("two"))})
    plain = json.loads(cli("plan", "--format", "json").out)
    compared = json.loads(cli("plan", "--against", "main", "--format", "json", "--save", "p.json").out)
    assert plain["against"] is None
    assert compared["digest"] == plain["digest"]
    assert {**compared, "against": None, "plannedAt": plain["plannedAt"]} == plain
    assert cli("apply", "p.json", "--auto-approve").code == 0
    value = json.loads((tmp_path / "p.json").read_text())
    assert not schema.check("plan", value, Locations(Location("plan")))


def test_only_selected_sends_are_compared(cli: Cli, tmp_path: Path) -> None:
    """`--send` limits the comparison, and a broken campaign outside of it is ignored in the base too."""
    broken = {"campaigns/broken.yaml": "campaign: broken\n"}
    specs = repository(tmp_path, sends=[send("one"), send("two", "Acme: two.")], more=broken)
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("one", "Acme: edited."))})
    assert kinds(against(cli, "main", "--send", "sale/one")) == {"sale/one": "edited"}


# ── sends that the branch does not touch


def test_the_causes_of_sends_that_a_branch_does_not_touch(cli: Cli, tmp_path: Path) -> None:
    """A shared variable, a list and an exclude list are named; a pending send has its last commit."""
    more = {
        "campaigns/lists.yaml": campaign("lists", send("a", people="a"), send("b", "Acme: b.", "b")),
        "contacts/a.csv": list_of(range(30, 40)),
        "contacts/b.csv": list_of(range(50, 60)),
    }
    specs = repository(tmp_path, more=more)
    write(specs, {"contacts/a.csv": list_of(range(30, 45))})
    found = against(cli)
    assert carried(found) == {
        "lists/a": [("list", ("specs/contacts/a.csv",))],
        "lists/b": [("pending-in-base", ())],
        "sale/one": [("pending-in-base", ())],
    }
    first = git("rev-parse", "main", where=tmp_path)
    assert {send["commit"] for send in found["carried"]} == {first}
    write(specs, {"sendspec.yaml": SETTINGS.replace("STOP", "QUIT"), "contacts/opt-out.csv": list_of([1])})
    opt_out = ("exclude-lists", ("specs/contacts/opt-out.csv",))
    assert carried(against(cli))["sale/one"] == [("variables", ("footer",)), opt_out]


# ── people


def test_people_are_compared_exactly(cli: Cli, tmp_path: Path) -> None:
    """Added, removed, newly excluded and no longer excluded people are counted apart."""
    specs = repository(tmp_path)
    write(specs, {"contacts/people.csv": list_of(range(2, 26)), "contacts/opt-out.csv": list_of([5, 6])})
    people = of(against(cli), "sale/one")["people"]
    groups = ("added", "removed", "newlyExcluded", "noLongerExcluded")
    assert (people["before"], people["now"]) == (19, 22)
    assert {name: people[name]["count"] for name in groups} == {
        "added": 6,
        "removed": 1,
        "newlyExcluded": 2,
        "noLongerExcluded": 0,
    }
    assert people["added"]["countries"] == {"US": 6}
    assert (people["removed"]["countries"], people["removed"]["otherCountries"]) == ({}, 1)


def test_someone_who_is_not_excluded_any_more_is_counted(cli: Cli, tmp_path: Path) -> None:
    """A person who is removed from an exclude list gets a message again, which the difference shows."""
    specs = repository(tmp_path)
    write(specs, {"contacts/opt-out.csv": "contactId\n"})
    found = of(against(cli), "sale/one")
    assert found["kind"] == "recipients"
    assert found["people"]["noLongerExcluded"]["count"] == 1
    assert found["people"]["added"]["count"] == 0


def test_other_values_of_the_same_people(cli: Cli, tmp_path: Path) -> None:
    """A name that changes in a list is a difference, although the same people get the send."""
    hi = send("one", "Acme: hi %%NAME%%.") + "    personalizationDefaults: {NAME: you}\n"
    names = list_of(range(3)).replace("\n", ",Ada\n").replace("contactId,Ada", "contactId,NAME")
    specs = repository(tmp_path, sends=[hi], more={"contacts/people.csv": names})
    write(specs, {"contacts/people.csv": names.replace("Ada", "Bob", 2)})
    people = of(against(cli), "sale/one")["people"]
    assert (people["otherValues"], people["added"]["count"], people["removed"]["count"]) == (True, 0, 0)


def test_line_ends_of_a_list_are_not_a_difference(cli: Cli, tmp_path: Path) -> None:
    """A list that git has with other line ends has the same people and values."""
    specs = repository(tmp_path)
    people = specs / "contacts" / "people.csv"
    people.write_bytes(people.read_bytes().replace(b"\n", b"\r\n"))
    assert kinds(against(cli)) == {"sale/one": "untouched"}


def test_a_list_outside_of_git_is_not_compared(cli: Cli, tmp_path: Path) -> None:
    """Without the list in the base, the file on disk counts the people, and the reason is shown."""
    a, b = (send(name, people="private") for name in "ab")
    specs = repository(tmp_path, more={"campaigns/private.yaml": campaign("private", a, b)})
    write(specs, {"contacts/private.csv": list_of(range(7))})
    write(specs, {"campaigns/private.yaml": campaign("private", a)})
    found = against(cli)
    still = of(found, "private/a")
    assert (still["kind"], still["notCompared"]) == ("untouched", "not-in-base")
    assert of(found, "private/b")["base"]["recipients"] == 6


def test_a_list_of_the_base_that_cannot_be_read(cli: Cli, tmp_path: Path) -> None:
    """A damaged list of the base is a reason, not an error of the branch that repairs it."""
    specs = repository(tmp_path, more={"contacts/people.csv": "name\nAda\n"})
    write(specs, {"contacts/people.csv": list_of(range(20))})
    found = of(against(cli), "sale/one")
    assert (found["kind"], found["notCompared"], found["people"]) == ("recipients", "unreadable", None)


def test_inline_contacts_are_compared_and_not_shown(cli: Cli, tmp_path: Path) -> None:
    """Contacts in a campaign file are counted, and no number of them is in the plan."""
    inline = send("one").replace("{file: ../contacts/people.csv}", "[{contactId: '12125550123'}]")
    specs = repository(tmp_path, sends=[inline])
    write(specs, {"campaigns/sale.yaml": campaign("sale", inline.replace("0123", "0124"))})
    done = cli("plan", "--against", "main", "--format", "json")
    people = of(json.loads(done.out)["against"], "sale/one")["people"]
    assert (people["added"]["count"], people["removed"]["count"]) == (1, 1)
    assert "5550123" not in done.out


def test_segments_of_an_edited_text_are_those_of_each_side(cli: Cli, tmp_path: Path) -> None:
    """A character that doubles the segments shows in the difference; one scan counts both texts."""
    specs = repository(tmp_path, sends=[send("one", f"Acme: {'x' * 80}.")])
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("one", f"Acme: {'x' * 80}\u2019s."))})
    assert of(against(cli), "sale/one")["base"]["segments"] == 19
    assert "        segments: 19 → 38" in cli("plan", "--against", "main").out.splitlines()


def test_no_query_of_the_base_is_run(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancelled or edited query of the base is not asked for its people; the same query is asked once."""
    monkeypatch.setenv("SENDSPEC_CONNECTION_WAREHOUSE", "duckdb://")

    def queried(name: str, text: str) -> str:
        rows = f"select * from (values ('{number(1)}'), ('{number(2)}')) people (phone) {text} order by phone"
        contacts = f'{{connection: warehouse, columns: {{contactId: phone}}, sql: "{rows}"}}'
        return send(name, f"Acme: {name}.").replace("{file: ../contacts/people.csv}", contacts)

    lost = [queried(name, "where phone <> '2'") for name in ("edited", "cancelled")]
    specs = repository(tmp_path, sends=[queried("same", ""), *lost])
    sends = [queried("same", ""), queried("edited", "where phone <> '1'")]
    write(specs, {"campaigns/sale.yaml": campaign("sale", *sends)})
    found = against(cli)
    assert {
        send["address"]: (send["kind"], send["notCompared"], send["base"]["recipients"])
        for send in found["sends"]
    } == {
        "sale/cancelled": ("cancelled", None, None),
        "sale/edited": ("edited", "query", None),
        "sale/same": ("untouched", None, 2),
    }


# ── sends that only an error of the base kept


UNSUBSCRIBE = send("one").replace(" {{ footer }}", "")


def test_a_rule_that_is_turned_off_releases_what_it_blocked(cli: Cli, tmp_path: Path) -> None:
    """No base would send what a rule blocks there: not the send itself, and not the others of the plan."""
    specs = repository(tmp_path, sends=[UNSUBSCRIBE, send("two", "Acme: two.")])
    write(specs, {"sendspec.yaml": SETTINGS + "rules: {opt-out-missing: off}\n"})
    setting = ("rule-settings", ("opt-out-missing: error → off",))
    found = against(cli)
    assert carried(found) == {
        "sale/one": [("blocked-in-base", ("opt-out-missing",)), setting],
        "sale/two": [("all-blocked-in-base", ("opt-out-missing",)), setting],
    }
    assert {sent["base"]["sign"] for sent in found["sends"]} == {"!", "@"}
    done = cli("plan", "--against", "main").out
    assert "the base would send it" not in done
    assert "last changed in" not in done
    two = "    sale/two: every send was blocked on the base by opt-out-missing; "
    assert two + "a rule differs (opt-out-missing: error → off)" in done.splitlines()


def test_the_repair_or_the_end_of_another_send_releases_the_rest(cli: Cli, tmp_path: Path) -> None:
    """An error about another send blocked the whole base, also if the branch removes that send."""
    specs = repository(tmp_path, sends=[UNSUBSCRIBE, send("two", "Acme: two.")])
    blocked = [("all-blocked-in-base", ("opt-out-missing",))]
    for sends in ([send("one"), send("two", "Acme: two.")], [send("two", "Acme: two.")]):
        write(specs, {"campaigns/sale.yaml": campaign("sale", *sends)})
        found = against(cli)
        assert carried(found) == {"sale/two": blocked}
    assert of(found, "sale/one")["kind"] == "cancelled"
    assert "none of them has received it; the base blocked it" in cli("plan", "--against", "main").out


def test_a_removed_tag_without_a_value_blocked_the_base(cli: Cli, tmp_path: Path) -> None:
    """The facts of a removed text are counted with the list of the branch, so that its rules can run."""
    specs = repository(tmp_path, sends=[send("one", "Acme: %%code%%."), send("two", "Acme: two.")])
    write(specs, {"campaigns/sale.yaml": campaign("sale", send("two", "Acme: two."))})
    assert carried(against(cli)) == {"sale/two": [("all-blocked-in-base", ("unresolved-tag",))]}


def test_a_list_that_the_branch_repairs_blocked_the_base(cli: Cli, tmp_path: Path) -> None:
    """A list of the base that cannot be read stopped each apply there."""
    more = {"campaigns/x.yaml": campaign("x", send("a", "Acme: a.", "a")), "contacts/a.csv": 'contactId\n"1'}
    specs = repository(tmp_path, more=more)
    write(specs, {"contacts/a.csv": list_of(range(30, 40))})
    assert carried(against(cli))["sale/one"] == [("all-blocked-in-base", ("x/a",))]


def test_rules_that_cannot_run_on_the_base_are_named(cli: Cli, tmp_path: Path) -> None:
    """The people of several lists of the base are not compared, so the plan does not claim that they pass."""
    repository(tmp_path, more={"sendspec.yaml": SETTINGS + "rules: {overlap: error}\n"})
    found = against(cli)
    assert carried(found) == {"sale/one": [("pending-in-base", ("overlap",))]}
    line = "    sale/one: not blocked on the base; not checked there: overlap, last changed in "
    assert line in cli("plan", "--against", "main").out


# ── what newer commits, renames and errors change about it


def test_a_campaign_that_main_has_changed_since_is_named(cli: Cli, tmp_path: Path) -> None:
    """The base would send it, but a merge with a main that cancelled or edited it does not."""
    repository(tmp_path, more={"campaigns/other.yaml": campaign("other", send("b", "Acme: b."))})
    git("checkout", "--quiet", "main", where=tmp_path)
    (tmp_path / "specs/campaigns/sale.yaml").unlink()
    commit(tmp_path)
    git("checkout", "--quiet", "branch", where=tmp_path)
    found = against(cli)
    assert carried(found) == {
        "other/b": [("pending-in-base", ())],
        "sale/one": [("changed-since", ("main",))],
    }
    line = "    sale/one: main has changed its campaign file since: merge or rebase first"
    assert line in cli("plan", "--against", "main").out.splitlines()


def test_a_former_address_without_values_has_those_of_the_send(cli: Cli, tmp_path: Path) -> None:
    """A renamed matrix is compared value by value, so an edit together with the rename is seen."""
    matrix = "    matrix: {locale: [en, fr]}\n"
    specs = repository(tmp_path, sends=[send("one", "Acme: {{ locale }}.") + matrix])
    renamed = send("two", "Acme: {{ locale }} is new.") + matrix + "    formerly: [sale/one]\n"
    write(specs, {"campaigns/sale.yaml": campaign("sale", renamed)})
    found = against(cli)
    assert kinds(found) == {"sale/two[en]": "edited", "sale/two[fr]": "edited"}
    assert of(found, "sale/two[fr]")["renamedFrom"] == "sale/one[fr]"


def test_carried_sends_wait_for_the_errors_of_the_branch(cli: Cli, tmp_path: Path) -> None:
    """With an error of its own, the branch sends nothing yet, and each medium says so."""
    specs = repository(tmp_path)
    write(specs, {"campaigns/new.yaml": campaign("new", UNSUBSCRIBE)})
    done = cli("plan", "--against", "main")
    title = "Not touched by this change, but would be sent once the errors are fixed: 1 send."
    assert title in done.out.splitlines()
    comment = cli("plan", "--against", "main", "--format", "markdown").out
    assert "would go out once the errors are fixed, though this change does not touch it" in comment
    page = cli("plan", "--against", "main", "--format", "html").out
    assert "Not touched by this change, but would be sent once the errors are fixed" in page


def test_the_list_of_a_finished_send_may_differ(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody gets a message of a finished send again, so the plan only says that its list differs."""
    specs = tmp_path / "specs"
    with sandboxed(specs, CONTACTS):
        monkeypatch.setenv("SENDSPEC_ALLOWED_HOSTS", "127.0.0.1")
        assert cli("apply", "--auto-approve").code == 0
        git("init", "--quiet", "--initial-branch=main", ".", where=tmp_path)
        (tmp_path / ".gitignore").write_text("*.lock\n.sendspec/\n")
        commit(tmp_path)
        write(specs, {"contacts/people.csv": list_of(range(40))})
        found = against(cli)
        assert [(sent["kind"], sent["notCompared"]) for sent in found["sends"]] == [
            ("recipients", "finished")
        ]
        assert "the list differs; already sent, nothing follows" in cli("plan", "--against", "main").out


def test_a_credential_that_the_branch_removes_blocked_the_base(cli: Cli, tmp_path: Path) -> None:
    """A credential in a spec blocks a whole plan, so its removal releases each send."""
    key = f"AKIA{'Q3EGRJ7NLV5XKZ2M'}"
    specs = repository(tmp_path, more={"sendspec.yaml": SETTINGS + f"brand: {key}\n"})
    write(specs, {"sendspec.yaml": SETTINGS})
    blocked = [("all-blocked-in-base", ("secret-in-spec",))]
    assert carried(against(cli)) == {"sale/one": blocked}
    git("worktree", "add", "--quiet", "--detach", "other", "main", where=tmp_path)
    assert carried(against(cli, "other/specs")) == {"sale/one": blocked}
