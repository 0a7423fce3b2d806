"""Campaigns that are valid YAML but not valid campaigns."""

from __future__ import annotations

from tests.bad import BAD, CAMPAIGN, Bad, content, edited

_ALLOW = "    allow:\n      - "
_SOURCE = """\
campaign: bad
purpose: marketing
sends:
  - id: one
    endpoint: contact-source
    publishedMessageId: "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
    contactSourceId: 4396816
    messageName: one
    scheduledDate: "2099-01-01T00:00:00Z"
"""


def added(line: str) -> dict[str, str | bytes]:
    """Return the campaign with one more line of its send, in line 10."""
    return {BAD: f"{CAMPAIGN}    {line}\n"}


CASES = {
    "a list as the document": Bad(f"{BAD}:1:1: error:", {BAD: "- campaign: bad\n"}),
    "a word as the document": Bad(f"{BAD}:1:1: error:", {BAD: "campaign\n"}),
    "an unknown key": Bad(f"{BAD}:3:1: error:", edited("sends:", "sender: me\nsends:")),
    "a misspelt property": Bad(
        f"{BAD}:7:5: error:", edited("    content", "    contnt"), end="did you mean 'content'?"
    ),
    "no campaign": Bad(f"{BAD}:1:1: error:", edited("campaign: bad\n", "")),
    "no purpose": Bad(f"{BAD}:1:1: error:", edited("purpose: transactional\n", "")),
    "another purpose": Bad(f"{BAD}:2:10: error:", edited("transactional", "spam")),
    "a name with a space": Bad(f"{BAD}:1:11: error:", edited("campaign: bad", "campaign: Bad One")),
    "a name that leaves the folder": Bad(f"{BAD}:1:11: error:", edited("campaign: bad", "campaign: ../bad")),
    "no sends": Bad(f"{BAD}:3:8: error:", {BAD: "campaign: bad\npurpose: marketing\nsends: []\n"}),
    "sends that are text": Bad(
        f"{BAD}:3:8: error:", {BAD: "campaign: bad\npurpose: marketing\nsends: all\n"}
    ),
    "a send that is a number": Bad(
        f"{BAD}:3:9: error:", {BAD: "campaign: bad\npurpose: marketing\nsends: [1]\n"}
    ),
    "no id": Bad(f"{BAD}:4:5: error:", edited("id: one\n    ", "")),
    "an id twice": Bad(f"{BAD}:10:", {BAD: CAMPAIGN + CAMPAIGN.partition("sends:\n")[2]}),
    "a campaign twice": Bad("campaigns/good.yaml:1:11: error:", edited("campaign: bad", "campaign: gate")),
    "no endpoint": Bad(f"{BAD}:4:5: error:", edited("    endpoint: contacts\n", "")),
    "an unknown endpoint": Bad(f"{BAD}:5:15: error:", edited("endpoint: contacts", "endpoint: contact")),
    "a property of another endpoint": Bad(f"{BAD}:10:5: error:", added("messageName: sale")),
    "a required property missing": Bad(f"{BAD}:4:5: error:", edited('    channelQualifier: "148372"\n', "")),
    "no value after the colon": Bad(f"{BAD}:7:", content("")),
    "a list instead of text": Bad(f"{BAD}:7:14: error:", content("[hi]")),
    "text instead of an integer": Bad(f"{BAD}:10:19: error:", added("ttlInMinutes: soon")),
    "a fraction instead of an integer": Bad(f"{BAD}:10:19: error:", added("ttlInMinutes: 1.5")),
    "a word instead of a boolean": Bad(f"{BAD}:10:27: error:", added("characterSwapEnabled: maybe")),
    "a country that is not a code": Bad(
        f"{BAD}:10:28: error:", added("audience: {countries: [UK]}"), end="did you mean 'GB'?"
    ),
    "a country in lower case": Bad(
        f"{BAD}:10:32: error:", added("audience: {countries: [US, ca]}"), end="did you mean 'CA'?"
    ),
    "a country by its name": Bad(f"{BAD}:10:28: error:", added("audience: {countries: [Germany]}")),
    "an audience without countries": Bad(f"{BAD}:10:27: error:", added("audience: {countries: []}")),
    "a time zone that does not exist": Bad(
        f"{BAD}:10:28: error:",
        added("audience: {timezones: [America/NewYork]}"),
        end="did you mean 'America/New_York'?",
    ),
    "a time zone by its abbreviation": Bad(
        f"{BAD}:10:28: error:", added("audience: {timezones: [EST5]}"), end="such as America/New_York"
    ),
    "the size of a list": Bad(f"{BAD}:10:16: error:", added("audience: {size: 100}")),
    "a contact source of size 0": Bad(f"{BAD}:10:22: error:", {BAD: f"{_SOURCE}    audience: {{size: 0}}\n"}),
    "an unknown fact of the audience": Bad(f"{BAD}:10:16: error:", added("audience: {country: [US]}")),
    "an expected number of a contact source": Bad(
        f"{BAD}:10:5: error:", {BAD: f"{_SOURCE}    expected: {{recipients: 9}}\n"}
    ),
    "an expected number without its name": Bad(
        f"{BAD}:10:15: error:", added("expected: 1"), end="write it as {recipients: 4000, within: 5%}"
    ),
    "nothing that is expected": Bad(f"{BAD}:10:15: error:", added("expected: {within: 5%}")),
    "an expected number in words": Bad(f"{BAD}:10:28: error:", added("expected: {recipients: many}")),
    "an expected number that renders words": Bad(
        f"{BAD}:10:28: error:",
        added("expected: {recipients: \"{{ 'many' }}\"}"),
        end="'recipients' must be an integer, but the template renders 'many'",
    ),
    "an expected range": Bad(f"{BAD}:10:39: error:", added("expected: {recipients: 9, within: 5 percent}")),
    "an expected range that renders words": Bad(
        f"{BAD}:10:39: error:",
        added("expected: {recipients: 9, within: \"{{ 'few' }}\"}"),
        end="'within' must be a percentage such as 5%, or an integer, but the template renders 'few'",
    ),
    "revision 0": Bad(f"{BAD}:10:15: error:", added("revision: 0")),
    "revision as a template": Bad(f"{BAD}:10:15: error:", added('revision: "{{ 1 }}"')),
    "an empty matrix": Bad(f"{BAD}:10:13: error:", added("matrix: {}")),
    "a value with a typographic quote": Bad(
        f"{BAD}:10:", added('matrix: {shop: ["St Mary\u2019s"]}'), end="write ' instead of \u2019"
    ),
    "a value with a dash": Bad(
        f"{BAD}:10:", added("matrix: {shop: [a\u2013b]}"), end="write - instead of \u2013"
    ),
    "a value with a no-break space": Bad(
        f"{BAD}:10:", added("matrix: {shop: [a\u00a0b]}"), end="write a space instead of U+00A0"
    ),
    "a value with a Cyrillic letter": Bad(
        f"{BAD}:10:",
        added("matrix: {shop: [p\u0430y]}"),
        end="write the value with the letters of one script and composed accents",
    ),
    "an axis without values": Bad(f"{BAD}:10:22: error:", added("matrix: {locale: []}")),
    "a value of an axis twice": Bad(f"{BAD}:10:", added("matrix: {locale: [en, fr, en]}")),
    "a matrix of a million": Bad(
        f"{BAD}:10:13: error:", added(f"matrix: {{a: {list(range(1000))}, b: {list(range(1000))}}}")
    ),
    "two combinations of one address": Bad(
        f"{BAD}:10:23: error:", added('matrix: {a: ["x", "x,y"], b: ["y,z", "z"]}')
    ),
    "variables in variables": Bad(f"{BAD}:3:", edited("sends:", "vars: {a: {b: {c: d}}}\nsends:")),
    "contacts that are text": Bad(
        f"{BAD}:8:15: error:", edited("{file: ../contacts/people.csv}", "people.csv")
    ),
    "no contacts": Bad(f"{BAD}:8:15: error:", edited("{file: ../contacts/people.csv}", "[]")),
    "a contact of another endpoint": Bad(
        f"{BAD}:8:17: error:", edited("{file: ../contacts/people.csv}", "[{phoneNumber: '12125550123'}]")
    ),
    "a value that is a list": Bad(f"{BAD}:9:37: error:", edited("{NAME: there}", "{NAME: [there]}")),
    "a date-time without an offset": Bad(f"{BAD}:10:15: error:", added('notAfter: "2099-01-01T00:00:00"')),
    "a date that does not exist": Bad(f"{BAD}:10:15: error:", added('notAfter: "2099-02-30T00:00:00Z"')),
    "words instead of a date-time": Bad(f"{BAD}:10:16: error:", added("notBefore: tomorrow")),
    "an allow without a reason": Bad(f"{BAD}:11:9: error:", added("allow:\n      - {rule: schedule}")),
    "an allow of an unknown rule": Bad(
        f"{BAD}:11:",
        added("allow:\n      - {rule: scedule, reason: why not}"),
        end="did you mean 'schedule'?",
    ),
    "empty content": Bad(f"{BAD}:7:14: error [content-length]:", content('""'), code=3),
    "801 characters": Bad(f"{BAD}:7:14: error [content-length]:", content(f'"{"x" * 801}"'), code=3),
    "a tag without a value": Bad(f"{BAD}:7:", content('"Acme: hi %%NAM%%"'), code=3),
    "a number without a country": Bad(
        f"{BAD}:8:16: error [", edited("{file: ../contacts/people.csv}", "[{contactId: '5550123'}]"), code=3
    ),
    "marketing without consent": Bad(
        "campaigns/good.yaml:",
        lambda project: (path := project / "campaigns/good.yaml").write_text(
            path.read_text().replace("transactional", "marketing")
        ),
        code=3,
    ),
    "a blank message name": Bad(
        f"{BAD}:8:18: error [message-name]:", edited("messageName: one", 'messageName: "  "', _SOURCE), code=3
    ),
    # validate does not check this, because without a ledger the send may have been sent in time.
    "a date that has passed": Bad(
        f"{BAD}:9:20: error [schedule]:", edited("2099", "2001", _SOURCE), code=3, verbs=("plan", "apply")
    ),
    "notAfter before notBefore": Bad(
        f"{BAD}:11:15: error [window]:",
        added('notBefore: "2036-03-02T00:00:00Z"\n    notAfter: "2036-03-01T00:00:00Z"'),
        code=3,
    ),
    "a blank published message": Bad(
        f"{BAD}:6:25: error:", edited("e3c3d1ea-e54b-458d-b32b-18a99f63b58c", "{{ ' ' }}", _SOURCE)
    ),
}
