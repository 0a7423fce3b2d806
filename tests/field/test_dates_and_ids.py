"""Lists that a job does not name, ids and dates that the vendor would refuse or misread, late messages."""

from __future__ import annotations

import pytest

from tests.projects import CONTACTS, GATE, MESSAGE, TEASER, lockfile, project
from tests.sandboxed import sandboxed

SOURCE = "    contactSourceId: 4396816\n"
DATE = '    scheduledDate: "2099-12-01T14:00:00-05:00"\n'


def assert_nothing_posted(client, specs) -> None:
    """Check that the vendor received no request, and that the ledger has none."""
    assert client.received() == []
    assert not (specs / "sendspec.sandbox.lock").exists() or lockfile(specs)["sends"] == {}


# ── a job without a list


@pytest.mark.field_case(9)
@pytest.mark.parametrize(
    ("spec", "place"),
    [
        pytest.param(TEASER.replace(SOURCE, ""), "4:5", id="scheduled"),
        pytest.param(TEASER.replace(SOURCE, "").replace(DATE, ""), "4:5", id="immediate"),
        pytest.param(TEASER.replace("4396816", "0"), "7:22", id="zero"),
        pytest.param(TEASER.replace("4396816", '"{{ 0 }}"'), "7:22", id="a template that renders 0"),
    ],
)
def test_a_job_without_a_list_is_not_posted(spec, place, cli, tmp_path):
    """The vendor would send to the message's own list, so the error comes before any request."""
    specs = tmp_path / "specs"
    with sandboxed(specs, spec) as client:
        done = cli("apply", "--auto-approve")
        assert done.code == 3
        assert f"specs/campaigns/c0.yaml:{place}: error [default-audience]: " in done.out
        assert "message's own list" in done.out
        assert_nothing_posted(client, specs)


@pytest.mark.field_case(9)
@pytest.mark.parametrize("scheduled", [True, False])
def test_the_list_of_the_message_can_be_allowed(scheduled, cli, tmp_path):
    """An `allow` entry, which the plan shows, sends to the message's own list."""
    allow = "    allow: [{rule: default-audience, reason: its list is VIP 2030}]\n"
    spec = (TEASER if scheduled else TEASER.replace(DATE, "")).replace(SOURCE, "") + allow
    with sandboxed(tmp_path / "specs", spec) as client:
        done = cli("apply", "--auto-approve")
        assert (done.code, "allowed: its list is VIP 2030" in done.out) == (0, True)
        [post] = client.received()
    assert "contactSourceId" not in post["body"]


@pytest.mark.field_case(9)
def test_a_finished_job_without_a_list_blocks_nothing(cli, tmp_path):
    """A job that was sent before the rule was known stays in the specs, and other sends go out."""
    specs = tmp_path / "specs"
    old = TEASER.replace(SOURCE, "").replace(DATE, "")
    with sandboxed(specs, old) as client:
        (specs / "sendspec.yaml").write_text(
            (specs / "sendspec.yaml").read_text() + "rules: {default-audience: warning}\n"
        )
        assert cli("apply", "--auto-approve").code == 0
        settings = (specs / "sendspec.yaml").read_text().replace("rules: {default-audience: warning}\n", "")
        (specs / "sendspec.yaml").write_text(settings)
        (specs / "campaigns" / "c1.yaml").write_text(GATE)
        assert cli("apply", "--auto-approve").code == 0
        assert len(client.received()) == 2


# ── ids of published messages


@pytest.mark.field_case(15)
@pytest.mark.parametrize(
    "identifier",
    [
        "nope",
        MESSAGE[:-1],
        f"{MESSAGE}0",
        MESSAGE.replace("-", ""),
        f"g{MESSAGE[1:]}",
        "4396816",
    ],
)
def test_an_id_that_is_not_a_uuid_is_not_posted(identifier, cli, tmp_path):
    """The error names the line, and the sandbox refuses the id as well."""
    specs = tmp_path / "specs"
    with sandboxed(specs, TEASER.replace(MESSAGE, f'"{identifier}"')) as client:
        done = cli("apply", "--auto-approve")
        assert done.code == 1
        assert "specs/campaigns/c0.yaml:6:25: error: 'publishedMessageId' is not a UUID: " in done.err
        assert_nothing_posted(client, specs)
        refused = client.job(identifier)
    assert (refused.status_code, "Unable to find published DeliveryDraft" in refused.text) == (400, True)


@pytest.mark.field_case(15)
@pytest.mark.parametrize("written", ["{{ 'no' }}pe", f" {MESSAGE}", f"{MESSAGE}%20"])
def test_a_rendered_id_of_a_text_is_checked_too(written, cli, tmp_path):
    """`contentId` names a published message as well, and templates are checked after rendering."""
    text = next(line for line in CONTACTS.splitlines() if "content:" in line)
    project(tmp_path / "specs", CONTACTS.replace(text, f'    contentId: "{written}"'))
    done = cli("plan")
    assert (done.code, "c0.yaml:7:16: error: 'contentId' is not a UUID: " in done.err) == (1, True)


# ── offsets


OFFSETS = ["+10:60", "+04:90", "-05:99", "+24:00", "-99:00", "+25:30"]


@pytest.mark.field_case(16)
@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("key", ["notBefore", "notAfter"])
def test_an_offset_that_does_not_exist_is_an_error(key, offset, cli, tmp_path):
    """Python reads some of these as another instant; RFC 3339 has hours 00-23 and minutes 00-59."""
    project(tmp_path / "specs", f'{GATE}    {key}: "2036-03-01T14:00:00{offset}"\n')
    done = cli("apply", "--auto-approve")
    assert done.code == 1
    assert f"error: '{key}' has the offset {offset}, which does not exist" in done.err
    assert "nothing was sent" in done.err


@pytest.mark.field_case(16)
@pytest.mark.parametrize("offset", OFFSETS)
def test_a_job_with_such_a_date_is_not_posted(offset, cli, tmp_path):
    """The rule for scheduled dates refuses it before the request, and so does the sandbox."""
    specs = tmp_path / "specs"
    date = f"2099-12-01T14:00:00{offset}"
    with sandboxed(specs, TEASER.replace("2099-12-01T14:00:00-05:00", date)) as client:
        done = cli("apply", "--auto-approve")
        assert done.code == 3
        assert f"error [schedule]: scheduledDate has the offset {offset}, which does not exist" in done.out
        assert_nothing_posted(client, specs)
        assert client.job(scheduledDate=date).status_code == 400


@pytest.mark.field_case(16)
@pytest.mark.parametrize("until", ["2036-12-31T00:00:00+00:75", "2036-12-31T00:00:00-24:00"])
def test_the_end_of_an_exception_has_an_offset_that_exists(until, cli, tmp_path):
    """The same check reads the dates of `allow` entries."""
    allow = f'    allow: [{{rule: late-send, reason: asked, until: "{until}"}}]\n'
    project(tmp_path / "specs", CONTACTS + allow)
    done = cli("validate")
    assert (done.code, "'until' has the offset" in done.err) == (1, True)


@pytest.mark.field_case(16)
@pytest.mark.parametrize("text", ["2036-03-01T24:00:00Z", "2036-03-01T25:00:00Z", "2036-03-01T23:60:00Z"])
def test_hours_and_minutes_have_the_same_limits(text, cli, tmp_path):
    """An hour of 24 is not the next day."""
    project(tmp_path / "specs", f'{GATE}    notBefore: "{text}"\n')
    done = cli("plan")
    assert (done.code, f"'notBefore' does not exist: '{text}'" in done.err) == (1, True)


# ── late messages


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        pytest.param(CONTACTS.replace("    ttlInMinutes: 240\n", ""), True, id="contacts"),
        pytest.param(TEASER.replace(DATE, ""), True, id="an immediate job"),
        pytest.param(TEASER, False, id="a scheduled job"),
        pytest.param(CONTACTS, False, id="ttlInMinutes"),
        pytest.param(TEASER.replace(DATE, '    notAfter: "2099-12-01T14:00:00Z"\n'), False, id="notAfter"),
        pytest.param(GATE, False, id="transactional"),
    ],
)
def test_marketing_without_an_end_is_a_warning(spec, found, cli, tmp_path):
    """A message that is sent immediately may be months late, unless it has an end."""
    project(tmp_path / "specs", spec)
    done = cli("validate")
    assert (done.code, "warning [late-send]" in done.out) == (0, found)
