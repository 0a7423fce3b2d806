"""Errors, problems and findings: a sentence of at most 20 words, the state afterwards, and a hint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sendspec.cli import run
from sendspec.errors import ExitCode
from tests.messages import ERRORS, VALUE, all_messages, raised_names, words
from tests.rule_cases import all_cases, check_folder
from tests.test_bad_input import CASES, USAGE, arguments, project
from tests.test_words import found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.messages import Message

__all__ = ["project"]

WORDS_MAX = 20

CODES = re.compile(r"(?:[A-Z]{2,}|[A-Z]+#)")
"""A name or code in capitals, which may start a message."""

SENTENCES = re.compile(r"; |\? ")
"""The ends of the sentences of a hint."""

CONDITION = re.compile(r"(?:or, )?if [^,]+, ")
"""The condition before an imperative."""

IMPERATIVES = {
    "add",
    "change",
    "check",
    "choose",
    "close",
    "compare",
    "compress",
    "convert",
    "copy",
    "create",
    "decompress",
    "delete",
    "do",
    "exclude",
    "export",
    "fetch",
    "find",
    "fix",
    "format",
    "free",
    "give",
    "install",
    "keep",
    "let",
    "look",
    "make",
    "map",
    "move",
    "name",
    "omit",
    "print",
    "put",
    "read",
    "record",
    "remove",
    "rename",
    "repair",
    "replace",
    "report",
    "restore",
    "run",
    "save",
    "send",
    "set",
    "settle",
    "shorten",
    "split",
    "stop",
    "undo",
    "upgrade",
    "use",
    "wait",
    "write",
}
"""The verbs that a hint may start with."""

SUGGESTIONS = ("did you mean ", "known here: ", "known ")

STATEMENTS = ("each number gets one message",)
"""First sentences of hints that are not imperatives: the reason why the contacts may stay."""

NO_HINT = {
    "it states the valid values": (
        r" must (not )?(be|have) ",
        r" is required here$",
        r"names can be assigned",
        r"^setting .* expected ",
        r"^option .* of rule ",
        r" requires ",
    ),
    "it states the limit that was exceeded": (
        r"the limit is ",
        r"nested deeper than ",
        r"is too (large|long)",
        r"is not a finite number",
        r" 64 bits",
        r"cannot be written in JSON$",
    ),
    "it states what templates do not support": (
        r"not (supported|allowed) in templates$",
        r"is reserved for loops",
        r"cannot be part of a URL$",
        r"^the right side of .* is 0$",
        r"^cannot unpack ",
        r"does not accept these arguments$",
    ),
    "it has the keyword of the schema": (r"does not satisfy the schema",),
    "a setting has this effect on purpose": (r" of the send (is|are|…) on .* and (gets|get|…) no message",),
    "the problems before it have hints": (r"problems, the others are not shown$",),
    "a person did it on purpose": (r"^interrupted", r"was interrupted$", r"was not approved$"),
    "its reason is that of the operating system": (
        r"^cannot (find|read|use) the (file|folder): ",
        r"^cannot write (to|the receipt to) ",
        r"^operating system error: ",
        r"^the reader closed the pipe$",
    ),
    "`LedgerCorrupt` adds the hint": (
        r"^not (a valid lockfile|valid JSON): ",
        r"^the (end|sends) of this lockfile ",
    ),
    "the vendor's answer is the reason": (r"^cannot get the status: ",),
}
"""Messages that need no hint: patterns by reason."""

NO_HINT_PATTERNS = [pattern for patterns in NO_HINT.values() for pattern in patterns]

RESULTS = {
    "SendspecError": "apply; resolve and init in the message",
    "SpecError": "apply",
    "TargetError": "apply",
    "CredentialsError": "apply; in a run the summary counts the requests",
    "VendorError": "the status call sends nothing",
    "VendorUnavailable": "apply; in a run the summary counts the requests",
    "VendorBusy": "the status call sends nothing",
    "GitHubError": "no call to GitHub sends anything",
    "GitHubUnavailable": "no call to GitHub sends anything",
    "LedgerError": "apply; in a run the summary counts the requests",
    "LedgerCorrupt": "apply",
    "LedgerMissing": "apply",
    "LedgerConflict": "the summary counts the requests",
    "SentTwice": "the message",
    "Blocked": "apply",
    "ListAbsent": "the message",
    "PlanStale": "apply",
    "Locked": "apply",
    "InternalError": "the message, and the summary counts the requests",
    "Usage": "apply; another verb does nothing after it",
}
"""Each error, and which text states what was sent: `apply` prints "nothing was sent" after its error."""

STATED_IN_MESSAGE = {
    "cli/_lib/log_report.py": (r"^cannot read |has no outcome", "nothing was changed"),
    "resolve.py": (r"ledger|revisions|started|was sent", "nothing was changed"),
    "cli/_lib/post_file.py": (r"", "nothing was posted"),
    "cli/init.py": (r"already exists", "nothing was written"),
    "cli/_lib/github_files.py": (
        r"not in a git repository|^a workflow|default branch|is a link|^cannot read|^…;",
        "nothing was written",
    ),
    "github_setup/called_workflows.py": (r"is not known", "nothing was written"),
    "cli/_lib/receipt.py": (r"^cannot write …", "nothing was sent"),
    "protocol/machine.py": (r"^internal error", "nothing more was posted"),
}
"""Messages that state the result themselves, by module: a pattern and the result."""

NOT_SHOWN = {
    **dict.fromkeys(
        (
            "BrokenInvariant",
            "ContradictoryLimits",
            "IllegalTransition",
            "IndexError",
            "ProtocolDefect",
            "RuntimeError",
            "TypeError",
        ),
        "a defect of sendspec",
    ),
    **dict.fromkeys(
        (
            "KeyError",
            "OSError",
            "ValueError",
            "error",
            "h11.RemoteProtocolError",
            "httpcore.PoolTimeout",
            "httpcore.ReadError",
            "httpcore.WriteError",
            "result.error",
        ),
        "caught, or a message of the system",
    ),
    **dict.fromkeys(
        (
            "DuplicateKey",
            "OrphanEntry",
            "OutputRefused",
            "Refused",
            "StaleConnection",
            "TooLate",
            "UnknownEntryKind",
            "_UnusableError",
            "invalid_json",
            "invalid_shape",
            "invalid_time",
        ),
        "a part of a message",
    ),
    **dict.fromkeys(
        (
            "_edited",
            "_invalid",
            "_missing_branch",
            "_rejected",
            "_rewound",
            "_too_deep",
            "_write_error",
            "call_error",
            "edited_sends",
            "missing_ledger",
            "outdated_lockfile",
        ),
        "a function that makes one of the errors above",
    ),
}
"""Names after `raise` that are not messages, with the reason for each."""


def defects(text: str, hint: str | None) -> Iterator[str]:
    """Yield the rules that a message and its hint break."""
    if len(words(text)) > WORDS_MAX:
        yield f"{len(words(text))} words"
    if text.endswith("."):
        yield "a final period"
    if not text.strip() or (text[:1].isupper() and not CODES.match(text)):
        yield "it does not start in lower case"
    yield from found_in(text)
    if hint is not None:
        yield from hint_defects(hint)


def hint_defects(hint: str) -> Iterator[str]:
    if hint.endswith("."):
        yield "a hint with a final period"
    yield from found_in(hint)
    for number, sentence in enumerate(SENTENCES.split(hint)):
        if len(words(sentence)) > WORDS_MAX:
            yield f"a hint of {len(words(sentence))} words: {sentence}"
        if not is_imperative(sentence) and number == 0 and sentence not in STATEMENTS:
            yield f"a hint that is not an imperative: {sentence}"


def is_imperative(sentence: str) -> bool:
    first = CONDITION.sub("", sentence).split(" ")[0]
    return first in IMPERATIVES or first.startswith(("`", VALUE)) or sentence.startswith(SUGGESTIONS)


def needs_hint(text: str) -> bool:
    """Return whether a message without a hint is incomplete."""
    return not any(re.search(pattern, text) for pattern in NO_HINT_PATTERNS)


def is_whole(message: Message) -> bool:
    """Return whether the text is a message, not only a value that another call computes."""
    return message.text.strip(VALUE) != ""


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    """Return the messages of the source."""
    return all_messages()


def test_every_message_is_a_short_sentence(messages):
    """Messages have at most 20 words, no period, and a lower-case start; hints are short imperatives."""
    found = [f"{message}: {each}" for message in messages for each in defects(message.text, message.hint)]
    assert found == []


def test_every_message_has_a_hint_or_a_reason_for_none(messages):
    """Each message without a hint matches a pattern of the list, and each pattern a message."""
    without = [message for message in messages if message.hint is None and is_whole(message)]
    assert [str(message) for message in without if needs_hint(message.text)] == []
    texts = [message.text for message in without]
    unused = [each for each in NO_HINT_PATTERNS if not any(re.search(each, text) for text in texts)]
    assert unused == []


def test_every_exception_that_is_raised_is_known(messages):
    """The walk knows each name after `raise`, so that it misses no message."""
    calls = {message.call.rpartition(".")[2] for message in messages}
    raised = raised_names()
    assert sorted(raised - calls - ERRORS - set(NOT_SHOWN)) == []
    assert sorted(set(NOT_SHOWN) - raised) == []


def test_every_error_has_a_result(messages):
    """The table has exactly the errors, and messages state a result only as the table says."""
    assert set(RESULTS) == ERRORS
    for message in messages:
        pattern, result = STATED_IN_MESSAGE.get(message.file, ("$^", "nothing was"))
        assert (re.search(pattern, message.text) is not None) == (result in message.text), str(message)


def test_the_walk_finds_the_messages(messages, record_property):
    """The walk finds messages in each package that has some."""
    record_property("messages in the source", len({(each.file, each.line, each.text) for each in messages}))
    folders = {message.file.partition("/")[0] for message in messages}
    assert folders >= {
        "acoustic",
        "audience",
        "cli",
        "ledger",
        "load",
        "render",
        "rules",
        "schema",
        "template",
    }
    assert {message.call for message in messages} >= {
        "Usage",
        "Locked",
        "Violation",
        "Problem",
        "TemplateError",
    }


# ── the same of what is printed

PRINTED = re.compile(
    r"^(?:(?P<location>\S+:\d+:\d+): )?(?:allowed )?(?P<level>error|warning|info)(?: \[[a-z-]+\])?: "
    r"(?P<text>.*)(?:\n  hint: (?P<hint>.*))?$",
    re.MULTILINE,
)
ADDRESS = re.compile(r" \([^()\s]+/[^()\s]+\)$")
SUMMARY = re.compile(r"[0-9]+ problems? in the specs")
"""The error after all problems, which have the hints."""

EVIDENCE = re.compile(r"(?<=is unknown: ).*?(?=; the send|$)")
"""The answer of a vendor or a system, which counts as one word."""


def printed(text: str) -> list[tuple[str, str | None]]:
    """Return the messages that a verb printed, each with its hint."""
    return [
        (EVIDENCE.sub(VALUE, ADDRESS.sub("", match["text"])), match["hint"])
        for match in PRINTED.finditer(text)
    ]


def broken(text: str) -> list[str]:
    """Return the defects of the messages in the output of a verb."""
    return [
        f"{message!r} ({hint!r}): {each}"
        for message, hint in printed(text)
        for each in (*defects(message, hint), *(["no hint"] if lacks_hint(message, hint) else []))
    ]


def lacks_hint(message: str, hint: str | None) -> bool:
    return hint is None and SUMMARY.fullmatch(message) is None and needs_hint(message)


@pytest.mark.parametrize("bad", CASES.values(), ids=CASES)
def test_the_messages_about_bad_input_are_short_sentences(bad, project, capsys, record_property):
    """What each verb prints about bad input passes the same checks, and apply says that nothing was sent."""
    bad.make(project)
    for verb in bad.verbs:
        code = run(arguments(verb, bad))
        out, err = capsys.readouterr()
        assert code == bad.code
        assert printed(out + err)
        assert broken(out + err) == []
        assert verb != "apply" or err.endswith("\nnothing was sent\n")
        record_property("messages printed", len(printed(out + err)))


@pytest.mark.parametrize("command", [command for command, _ in USAGE.values()], ids=USAGE)
def test_the_messages_about_wrong_usage_are_short_sentences(command, project, capsys, record_property):
    """Our own usage errors and those of click pass the same checks."""
    assert run(command) == ExitCode.USAGE
    _, err = capsys.readouterr()
    assert printed(err)
    assert broken(err) == []
    record_property("messages printed", len(printed(err)))


@pytest.mark.parametrize("case", [case for case in all_cases() if case.is_bad], ids=str)
def test_the_findings_of_the_rules_are_short_sentences(case, record_property):
    """Every finding of the cases of every rule passes the same checks, and has a hint."""
    findings = check_folder(case.folder).findings
    texts = [(EVIDENCE.sub(VALUE, finding.message), finding.hint) for finding in findings]
    assert [f"{pair}: {each}" for pair in texts for each in defects(*pair)] == []
    assert [text for text, hint in texts if lacks_hint(text, hint)] == []
    record_property("messages printed", len(texts))


def test_a_defect_of_a_message_is_found():
    """The checks find each kind of defect, and paths, code and quoted text count as one word."""
    assert list(defects("The file is gone.", "maybe.")) == [
        "a final period",
        "it does not start in lower case",
        "gone",
        "a hint with a final period",
        "a hint that is not an imperative: maybe.",
    ]
    assert list(defects("word " * 21, "write " + "it " * 20)) == [
        "21 words",
        f"a hint of 21 words: write {'it ' * 20}",
    ]
    assert list(defects("cannot read 'a b c d e f g h i j k l m n o p q r s t u'", "run `a b c`")) == []
    assert needs_hint("this is broken")
    assert not needs_hint("'x' must be a number")
