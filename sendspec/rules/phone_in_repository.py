"""A file that git tracks has real phone numbers.

What: git tracks a list with valid numbers, or another text in the project directory with one: the number
of a contact in a campaign, or a number in a comment or a note. It is written as `+44 …` or as `(212) …`,
or it is a mobile number in national form beside a word such as call or Handy. Numbers in texts that
recipients read do not count, nor reserved and toll-free ones. A run of digits without such a form is an
id. The rule names each list, and each send or file, once.

In CI, the finding is an error if everyone can read the repository: on GitHub by the event of the run, and
on GitLab by `CI_PROJECT_VISIBILITY`. Without git, the rule has no findings. It does not read earlier
commits, which keep a number after its file was removed.

Why: git keeps each number for as long as the repository exists, in every clone, and for everyone who
can read it. A person cannot withdraw from that.

Source: Regulation (EU) 2016/679 (GDPR), articles 5(1)(c), 5(1)(e) and 17, as of 2016-05-04: personal data
must be limited to what is necessary, stored only as long as necessary, and erased on request. This is not
legal advice. GitHub, "Removing sensitive data from a repository".

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "19492319304"}

Good (the number is reserved for examples):

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12. Questions? +1 949 231 9304"
        contacts:
          - {phoneNumber: "12125550123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sendspec.formatting import pluralize
from sendspec.model import ContactFile, Level, Location
from sendspec.phone import numbers_in_text
from sendspec.redact import mask_number
from sendspec.rules._lib.repository_sends import SendsByLine
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.model import FoundNumber, NumberFacts, Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_NOUN = "real-looking phone number"


class PhoneInRepository(Rule):
    """Real phone numbers in files that git tracks."""

    id = "phone-in-repository"
    group = RuleGroup.PRIVACY
    level = Level.WARNING
    reasons: ClassVar = {
        "list": "git tracks a list with real-looking numbers",
        "text": "git tracks another file with real-looking numbers",
    }

    def check_together(
        self, checked_sends: Sequence[CheckedSend], context: RuleContext
    ) -> Iterator[Violation]:
        """Check the lists of the sends, then the other tracked texts."""
        for file, numbers, send in _used_lists(checked_sends):
            shown, count = context.repository.tracked.get(file.path), _real_count(numbers)
            if shown is not None and count:
                location = _first_real(numbers) or Location(shown)
                message = f"git tracks this list with {pluralize(count, _NOUN)}"
                hint = "use a query or a download instead, and remove the list from git and its history"
                yield _graded(Violation("list", message, location, hint, send=send), context)
        public = _public_numbers(context)
        found = [number for number in context.repository.numbers if number.digits not in public]
        sends = SendsByLine(context)
        for numbers_of_place in _by_place(found, sends):
            send = sends.at(numbers_of_place[0].location)
            if send is None or context.selection.includes(send.address):
                yield _text_violation(numbers_of_place, context, send)


def _used_lists(
    checked_sends: Iterable[CheckedSend],
) -> Iterator[tuple[ContactFile, NumberFacts, Send | None]]:
    """Yield each list of contacts and each exclude list once, with the first send that is not finished."""
    used: dict[Any, tuple[ContactFile, NumberFacts, Send | None]] = {}
    for checked_send in sorted(checked_sends, key=lambda checked: checked.comparison.finished):
        send, facts = checked_send.send, checked_send.facts
        owner = None if checked_send.comparison.finished else send
        if facts is not None and isinstance(send.contacts, ContactFile):
            used.setdefault(send.contacts.path, (send.contacts, facts.numbers, owner))
        for exclude in facts.excluded if facts is not None else ():
            used.setdefault(exclude.file.path, (exclude.file, exclude.survey, owner))
    yield from used.values()


def _real_count(numbers: NumberFacts) -> int:
    reserved = numbers.reserved.count if numbers.reserved else 0
    return sum(occurrences.count for occurrences in numbers.countries.values()) - reserved


def _first_real(numbers: NumberFacts) -> Location | None:
    """Return the first location of a number that is not reserved, if it is one of those that are kept."""
    reserved = numbers.reserved.locations if numbers.reserved else ()
    kept = {location for occurrences in numbers.countries.values() for location in occurrences.locations}
    return min(kept.difference(reserved), default=None)


def _public_numbers(context: RuleContext) -> frozenset[str]:
    """Return the numbers in texts that recipients read, and in the variables of such texts."""
    if not context.repository.numbers:
        return frozenset()
    project = context.project
    values: list[object] = [project.vars, *(target.vars for target in project.targets.values())]
    values += [campaign.vars for campaign in project.campaigns]
    for send in context.sends:
        values += [send.inline_text, send.payload.get("personalizationDefaults")]
    texts = {text for value in values for text in _strings(value)}
    return frozenset(digits for text in texts for _, digits in numbers_in_text(text))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.values() for text in _strings(item))
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in _strings(item))


def _by_place(numbers: Iterable[FoundNumber], sends: SendsByLine) -> Iterable[Sequence[FoundNumber]]:
    """Return the numbers of each send, and those of each file that are in no send."""
    places: dict[tuple[str, int], list[FoundNumber]] = {}
    for number in numbers:
        send = sends.at(number.location)
        line = 0 if send is None else send.locations.root.line
        places.setdefault((number.location.file, line), []).append(number)
    return places.values()


def _text_violation(numbers: Sequence[FoundNumber], context: RuleContext, send: Send | None) -> Violation:
    part, example = "file" if send is None else "send", mask_number(numbers[0].digits)
    end = f": {example}" if len(numbers) == 1 else f", such as {example}"
    message = f"git tracks {pluralize(len(numbers), _NOUN)} in this {part}{end}"
    hint = "use a reserved number, such as +1 212 555 0100, or move it to a file that git ignores"
    return _graded(Violation("text", message, numbers[0].location, hint, send=send), context)


def _graded(violation: Violation, context: RuleContext) -> Violation:
    if not context.repository.is_public:
        return violation
    message = f"{violation.message}; everyone can read the repository"
    return violation._replace(message=message, level=Level.ERROR)
