"""A text without quotes ends at ` #`.

What: a text for people, a note about the campaign such as `ticket`, a name of a message or campaign, or a
text in `vars` has no quotes, and ` #` follows it on its line. YAML starts a comment there, so the rest of
the line is lost.

Why: `content: Your order #A-20418 is ready` sends "Your order". Quotes make both cases clear: a `#`
in the text, or a comment after it.

Source: YAML 1.2.2, 6.6 Comments: a comment starts with `#` after a space.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: Your order #A-20418 is ready.
        contacts:
          - {phoneNumber: "447700900123"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your order #A-20418 is ready."  # as in the shop
        contacts:
          - {phoneNumber: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from sendspec.model import Level
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sendspec.model import Campaign, CommentedText, Location, NodePath, Send
    from sendspec.rules._lib.rule import RuleContext

_TEXTS: Final = frozenset({"content", "messageName", "campaignName", "personalizationDefaults"})
_NOTES: Final = frozenset({"owner", "description", "ticket"})
_HINT: Final = "put the text in quotes; keep the comment after them, or include it"


class CommentInText(Rule):
    """Texts that a comment cuts."""

    id = "comment-in-text"
    group = RuleGroup.CONTENT
    level = Level.ERROR
    reasons: ClassVar = {"comment": "YAML reads the rest of the line as a comment"}

    def check_project(self, context: RuleContext) -> Iterator[Violation]:
        """Check the texts of the campaigns that have a send, and the variables."""
        project, target = context.project, context.target
        yield from _of_variables(project.vars, ("vars",), project.commented_texts)
        yield from _of_variables(target.vars, ("targets", target.name, "vars"), project.commented_texts)
        first_sends = _first_sends(context)
        for campaign in project.campaigns:
            if any(spec.locations.root in first_sends for spec in campaign.sends):
                yield from _of_variables(campaign.vars, ("vars",), campaign.commented_texts)
                yield from _of_sends(campaign, first_sends)


def _first_sends(context: RuleContext) -> Mapping[Location, Send]:
    """Return the first send of each entry of `sends`, by the location of the entry."""
    sends: dict[Location, Send] = {}
    for send in context.selected:
        sends.setdefault(send.locations.root, send)
    return sends


def _of_variables(
    variables: Mapping[str, object], place: NodePath, texts: Iterable[CommentedText]
) -> Iterator[Violation]:
    """Yield the variables at `place` that are texts; a comment after a number cuts nothing."""
    for text in texts:
        depth = len(place)
        if text.path[:depth] == place and isinstance(_value_at(variables, text.path[depth:]), str):
            yield _violation(f"the variable '{text.path[depth]}'", text)


def _value_at(value: Any, path: NodePath) -> object:
    for step in path:
        value = value[step]
    return value


def _of_sends(campaign: Campaign, first_sends: Mapping[Location, Send]) -> Iterator[Violation]:
    for text in campaign.commented_texts:
        if len(text.path) == 1 and text.path[0] in _NOTES:
            yield _violation(f"'{text.path[0]}'", text)
        elif text.path[0] == "sends" and _is_text(text.path[2:]):
            send = first_sends.get(campaign.sends[int(text.path[1])].locations.root)
            if send is not None:
                yield _violation(f"'{text.path[-1]}'", text, send)


def _is_text(path: NodePath) -> bool:
    return bool(path) and (path[0] in _TEXTS or "personalization" in path[1:-1])


def _violation(name: str, text: CommentedText, send: Send | None = None) -> Violation:
    message = f"{name} ends before ' #', because YAML starts a comment there"
    return Violation("comment", message, text.location, _HINT, send=send)
