"""The result of an apply for a person: on standard error, and as the Markdown of a comment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from sendspec.report.comment_marker import comment_marker
from tests.projects import CONTACTS, GATE, TEASER, project, sendspec
from tests.sandboxed import sandboxed

if TYPE_CHECKING:
    from pathlib import Path


def rendered(markdown: str) -> list[str]:
    """Return the lines that a person reads of a comment."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)
    inlines = (token.children or [] for token in tokens if token.type == "inline")
    return [
        "".join(child.content for child in children if child.type != "html_inline") for children in inlines
    ]


def test_a_comment_says_what_was_asked_and_accepted(tmp_path: Path) -> None:
    """The marker is first, then the result, then a row for each send."""
    project(tmp_path / "specs", GATE, CONTACTS, count=1200)
    done = sendspec("apply", "--auto-approve", "--format", "markdown=sent.md", where=tmp_path)
    assert done.code == 0
    comment = (tmp_path / "sent.md").read_text()
    assert comment.splitlines()[0] == "<!-- sendspec:sandbox:specs -->"
    lines = rendered(comment)
    assert lines[0] == "✅ Sent: 1,202 of 1,202 recipients accepted"
    assert [line for line in lines if line.startswith("gate")] == ["gate/change"]
    assert lines[lines.index("sale/last-call") + 1 :][:2] == ["1,200", "1,200"]
    assert "  sale/last-call  1,200 of 1,200 recipients accepted" in done.err


def test_an_unknown_outcome_is_the_first_thing_to_read(tmp_path: Path) -> None:
    """The headline has it, and what to do comes before the table."""
    with sandboxed(tmp_path / "specs", GATE) as client:
        client.arm("drop-after", endpoint="external-consent")
        done = sendspec("apply", "--auto-approve", "--format", "markdown", where=tmp_path)
    assert done.code == 7
    lines = rendered(done.out)
    assert lines[0].startswith("❓ Outcome unknown: 0 of 2 recipients accepted, 1 request unknown")
    assert lines.index("To do") < lines.index("send")
    assert "sendspec resolve" in lines[2]


def test_a_comment_after_an_error_says_that_nothing_was_sent(tmp_path: Path) -> None:
    """A refused plan also has a comment, with the way to go on."""
    specs = project(tmp_path / "specs", GATE)
    (specs / "sendspec.yaml").write_text("version: 2\n")
    done = sendspec("apply", "--auto-approve", "--format", "markdown=sent.md", where=tmp_path)
    assert done.code == 1
    assert rendered((tmp_path / "sent.md").read_text())[0].startswith("⛔ Failed, nothing was sent: ")


def test_a_blocked_send_is_named(tmp_path: Path) -> None:
    """A run that sends nothing because of an edit is not a success, and one that sends others says so."""
    specs = project(tmp_path / "specs", GATE, CONTACTS)
    assert sendspec("apply", "--auto-approve", where=tmp_path).code == 0
    (specs / "campaigns" / "c1.yaml").write_text(CONTACTS.replace("20%", "30%"))
    done = sendspec("apply", "--auto-approve", "--format", "markdown", where=tmp_path)
    assert done.code == 3
    edited = "sale/last-call: edited after it was sent; nothing more is sent"
    assert rendered(done.out)[:3] == ["⚠️ Nothing was sent: 1 send is blocked", "To do", edited]
    assert "Nothing to send: 1 send is blocked; others were already sent" in done.err
    (specs / "campaigns" / "c2.yaml").write_text(GATE.replace("gate\n", "next\n", 1).replace("now", "soon"))
    done = sendspec("apply", "--auto-approve", "--format", "markdown", where=tmp_path)
    assert done.code == 3, done.err
    assert rendered(done.out)[0] == "⚠️ Sent: 2 of 2 recipients accepted, 1 send blocked"
    assert edited in rendered(done.out)


def test_status_continues_the_comment(tmp_path: Path) -> None:
    """The same marker, and how many texts the vendor handed to the carrier."""
    project(tmp_path / "specs", GATE)
    assert sendspec("apply", "--auto-approve", where=tmp_path).code == 0
    done = sendspec("status", "--format", "markdown=sent.md", "--interval", "0.1", where=tmp_path)
    comment = (tmp_path / "sent.md").read_text()
    assert comment.startswith("<!-- sendspec:sandbox:specs -->"), done.err
    assert rendered(comment)[0] == "✅ 2 recipients accepted: 2 handed to the carrier, 0 not"


def status_comment(where: Path, *words: str) -> list[str]:
    """Return the lines of the comment that `status` writes."""
    written = ("--format", "markdown=status.md", "--format", "json=status.json")
    sendspec("status", *written, "--interval", "0.1", "--timeout", "5", *words, where=where)
    assert json.loads((where / "status.json").read_text())["version"] == 1
    return rendered((where / "status.md").read_text())


def test_status_keeps_the_jobs_of_the_vendor(tmp_path: Path) -> None:
    """A job has a row, its date, and who can stop it, also if there is no transaction to query."""
    project(tmp_path / "specs", TEASER)
    assert sendspec("apply", "--auto-approve", where=tmp_path).code == 0
    lines = status_comment(tmp_path)
    job = next(line for line in lines if line.startswith("job "))
    assert lines[0] == "✅ 1 job accepted"
    assert lines[lines.index("spring/teaser") :][:3] == ["spring/teaser", "not known", job]
    assert (
        f"spring/teaser: {job}, due Tue 01 Dec 14:00 (2099-12-01T14:00:00-05:00); until then only the vendor "
        "can stop it; the API does not report the status of jobs"
    ) in lines
    (tmp_path / "specs" / "campaigns" / "c1.yaml").write_text(GATE)
    assert sendspec("apply", "--auto-approve", where=tmp_path).code == 0
    lines = status_comment(tmp_path)
    assert lines[0] == "✅ 2 recipients and 1 job accepted: 2 handed to the carrier, 0 not"
    assert {"gate/change", "spring/teaser", job} <= set(lines)


def test_a_job_whose_id_is_not_known_is_accepted(tmp_path: Path) -> None:
    """The vendor refuses the repetition because of its name, so an earlier attempt was accepted."""
    with sandboxed(tmp_path / "specs", TEASER) as client:
        client.arm("drop-after", endpoint="contact-source")
        done = sendspec("apply", "--auto-approve", "--format", "markdown=sent.md", where=tmp_path)
        assert (done.code, "spring/teaser  job of unknown id accepted\n" in done.err) == (0, True)
        lines = status_comment(tmp_path)
    assert rendered((tmp_path / "sent.md").read_text())[0] == "✅ Sent: 1 job accepted"
    assert lines[0] == "✅ 1 job accepted"
    assert any(line.startswith("spring/teaser: job of unknown id, due Tue 01 Dec 14:00") for line in lines)


@pytest.mark.parametrize(
    ("fault", "mark", "words"),
    [
        ({"kind": "drop-after"}, "❓", "1 request unknown"),
        ({"kind": "status", "code": 400, "text": "not now"}, "⛔", "1 request not sent"),
    ],
)
def test_status_keeps_requests_that_were_not_accepted(fault, mark, words, tmp_path: Path) -> None:
    """Their sends, reasons and what to do are those of the comment of the apply."""
    with sandboxed(tmp_path / "specs", GATE) as client:
        client.arm(endpoint="external-consent", **fault)
        assert sendspec("apply", "--auto-approve", "--format", "markdown=sent.md", where=tmp_path).code != 0
        lines = status_comment(tmp_path)
    before = rendered((tmp_path / "sent.md").read_text())
    assert lines[0] == f"{mark} 0 recipients accepted: {words}"
    assert [
        line for line in before if line.startswith(("gate/change: ", "To do", "Settle", "Run apply"))
    ] == [line for line in lines if line.startswith(("gate/change: ", "To do", "Settle", "Run apply"))]
    assert any(line.startswith(f"gate/change: {words}") for line in lines)


def test_status_before_any_send(tmp_path: Path) -> None:
    """There is a comment and a document, and both are complete."""
    project(tmp_path / "specs", GATE)
    assert status_comment(tmp_path) == ["✅ Nothing was sent yet", "target sandbox"]
    done = sendspec("status", "--format", "json", where=tmp_path)
    assert (done.code, json.loads(done.out)["transactions"]) == (0, [])


def test_several_receipts_of_one_run(tmp_path: Path) -> None:
    """JSON and Markdown are of the same run; two receipts cannot share standard output."""
    project(tmp_path / "specs", GATE)
    both = ("--receipt", "r.json", "--format", "markdown=sent.md")
    assert sendspec("apply", "--auto-approve", *both, where=tmp_path).code == 0
    assert json.loads((tmp_path / "r.json").read_text())["exitCode"] == 0
    assert "Sent: 2 of 2" in (tmp_path / "sent.md").read_text()
    assert sendspec("apply", "--auto-approve", *both, where=tmp_path).code == 0, "replaces its own receipts"
    done = sendspec("apply", "--auto-approve", "--receipt", "-", "--format", "markdown", where=tmp_path)
    assert (done.code, "only one format" in done.err) == (64, True)


@pytest.mark.parametrize(
    ("target", "directory", "marker"),
    [
        ("production", "specs", "<!-- sendspec:production:specs -->"),
        ("production", "/home/me/repo/specs", "<!-- sendspec:production:specs -->"),
        ("a-->", "x/--!>", r"<!-- sendspec:a\u002d-\u003e:x/\u002d-\u0021\u003e -->"),
    ],
)
def test_markers_are_inert(target: str, directory: str, marker: str) -> None:
    """A name cannot end the hidden comment, and a checkout's path on one machine does not matter."""
    assert comment_marker(target, directory).source == marker
