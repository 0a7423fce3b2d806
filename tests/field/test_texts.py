"""Texts that YAML cuts or lengthens, and texts that were not meant to be sent."""

from __future__ import annotations

import json
import re

import pytest

from tests.field.lists import Finding, bodies, findings, with_list, with_text, with_texts

CUT = {
    "a text": ("    content: Your order #A-20418 is ready\n", 7),
    "a text with a comment": ("    content: Your order is ready # as in the shop\n", 7),
    "two lines": ("    content: Your order\n      is ready #1\n", 7),
    "a name": ('    content: "Acme"\n    campaignName: Orders #2\n', 8),
    "a default": ('    content: "Hi %%N%%"\n    personalizationDefaults:\n      N: there\t#you\n', 9),
}


@pytest.mark.field_case(6)
@pytest.mark.parametrize(("lines", "line"), CUT.values(), ids=CUT)
def test_a_text_without_quotes_that_a_comment_cuts_is_an_error(lines, line, cli):
    """The error is at the text, and nothing is sent."""
    with_text(lines)
    assert findings(cli) == [Finding("error", "comment-in-text", "comment", line)]
    assert cli("apply", "--auto-approve").code == 3


@pytest.mark.field_case(6)
@pytest.mark.parametrize("note", ["owner: Team #3", "ticket: ABC #12", "description: Sale #4 of the year"])
def test_a_note_that_a_comment_cuts_is_an_error(note, cli):
    """Reviewers read the notes of a campaign, so a note must not lose its end."""
    with_text('    content: "Acme"\n', variables=f"{note}\n")
    assert findings(cli) == [Finding("error", "comment-in-text", "comment", 3)]


CUT_VARIABLES = {
    "a text": ("  footer: Store #4\n", 4),
    "in a list": ("  footer:\n    - a #1\n    - b\n", 5),
    "in a mapping": ("  footer:\n    en: a\n    fr: b # French\n", 6),
}


@pytest.mark.field_case(6)
@pytest.mark.parametrize(("lines", "line"), CUT_VARIABLES.values(), ids=CUT_VARIABLES)
def test_a_variable_that_a_comment_cuts_is_an_error(lines, line, cli):
    """A text in `vars` of a campaign and of the project is checked, too."""
    directory = with_text('    content: "Acme"\n', variables=f"vars:\n{lines}")
    assert findings(cli) == [Finding("error", "comment-in-text", "comment", line)]
    directory = with_text('    content: "Acme"\n')
    (directory / "sendspec.yaml").write_text(f"version: 1\n\nvars:\n{lines}")
    assert findings(cli) == [Finding("error", "comment-in-text", "comment", line)]


KEPT = [
    '    content: "Your order #A-20418 is ready" # quoted\n',
    "    content: 'Order #1' # quoted\n",
    "    content: >-  # folded\n      Your order #A-20418 is ready\n",
    "    content: Order#1 is ready\n",
    '    content: "Acme"  # a\n    ttlInMinutes: 20 # a number\n    # a line of its own\n',
]


@pytest.mark.field_case(6)
@pytest.mark.parametrize("lines", KEPT)
def test_a_comment_that_cuts_no_text_is_no_error(lines, cli):
    """Quotes, blocks and numbers may have a comment, and a # without a space is text."""
    with_text(lines)
    assert findings(cli) == []


LONG = "a" * 160
WIDE = "я" * 70
UNSEEN = {
    "a block": (f"    content: |\n      {LONG}\n", 2, 4),
    "a block that keeps blank lines": (f"    content: |+\n      {LONG}\n\n", 2, 4),
    "a folded block": (f"    content: >\n      {LONG}\n", 2, 4),
    "UCS-2": (f"    content: |\n      {WIDE}\n", 2, 4),
    "quotes": (f'    content: "{LONG}\\n"\n', 2, 4),
    "at the start": (f'    content: "\\n{LONG}"\n', 2, 4),
    "a statement": (
        f"    content: |-\n      {'a' * 100}\n      {{% if true %}}\n      {'b' * 58}\n      {{% endif %}}\n",
        2,
        4,
    ),
}


@pytest.mark.field_case(17)
@pytest.mark.parametrize(("lines", "cost", "total"), UNSEEN.values(), ids=UNSEEN)
def test_an_unseen_line_break_is_a_warning_with_its_cost(lines, cost, total, cli):
    """The warning has the segments that all recipients' line breaks cost, and apply still sends."""
    with_text(lines)
    assert findings(cli) == [Finding("warning", "extra-line-break", "costs-segments", 7)]
    planned = cli("plan")
    assert f"which costs {cost} of {total} segments" in planned.out
    assert re.search(r"hint: (use \|-|write \{%-|remove the line break)", planned.out)


@pytest.mark.field_case(17)
def test_the_cost_counts_only_recipients_whose_text_gets_longer(cli):
    """With a value of its own, each recipient's text is counted, with and without the line break."""
    rows = f"12125550101,{'a' * 151}\n12125550102,{'a' * 140}\n12125550103,{'a' * 150}\n12125550104,\n"
    directory = with_list(f"contactId,NAME\n{rows}")
    campaign = directory / "campaigns" / "c0.yaml"
    text = re.sub("    content: .*\n", "    content: |\n      Acme: hi %%NAME%%\n", campaign.read_text())
    campaign.write_text(text)
    assert "which costs 1 of 5 segments" in cli("plan").out


SEEN = [
    f"    content: |-\n      {LONG}\n",
    f"    content: >-\n      {LONG}\n",
    '    content: "Acme\\n\\nYour order is ready"\n',
    "    content: |-\n      Acme\n\n      {%- if true %} Your order{% endif %}\n      is ready\n",
]


@pytest.mark.field_case(17)
@pytest.mark.parametrize("lines", SEEN)
def test_a_line_break_that_the_author_sees_is_no_finding(lines, cli):
    """Line breaks inside a text are meant, and a text without others has no finding, not even a note."""
    with_text(lines)
    assert json.loads(cli("validate", "--format", "json").out)["findings"] == []


LEFTOVERS = {
    "placeholder": [
        *("Dear [customer], hi", "Bonjour [Prénom] !", "Hallo [VORNAME]", "Hola [cliente]", "Beste [klant]"),
        "Hi [NAME]!",
        "On <DATE> we close.",
        "Dear [first_name]!",
        *(
            "Hi XXX",
            "Hello ___, welcome",
            "Hi (name),",
            "Dear (Customer)",
            "Bonjour (Prénom),",
            "Hallo (Vorname)",
        ),
        "Bold<br>new",
    ],
    "template": [
        "Hi {name}!",
        "Hi ${X}!",
        "Hi {% raw %}{{ name }}{% endraw %}!",
        "Hi %NAME%!",
        "Hi *|FNAME|*!",
        *("Hi $firstName", "Dear $LAST_NAME!", "See $link", "Hi [[name]]", "Ciao $name, ecco"),
    ],
    "missing-value": [
        "Hi None!",
        "Dear null!",
        "You owe NaN dollars.",
        "Your order is undefined.",
        "#REF!",
        "Betrag: #WERT!",
        "Total: #N/D",
        "Solde : #VALEUR!",
        "Importe #¡VALOR!",
        "Bedrag #WAARDE!",
        "Bonjour None !",
        "Hallo null!",
    ],
    "escape": [
        "Acme: big sale\\nsee acme.com",
        "Sale!\\r\\nNow",
        "Caf\\u00e9",
        "It\\'s on",
        "https:\\/\\/acme.com",
    ],
    "unfinished": [
        "Save XX% today",
        "TODO: write this",
        "See INSERT LINK HERE",
        "Insert your link here",
        "Gate TBD",
        "Lorem ipsum dolor",
    ],
    "test-text": [
        *(
            "Integration Test Email #1",
            "This template is used by integration tests only.",
            "test",
            "[TEST] sale",
        ),
        *("This is a test.", "Acme: test message", "QA test 4", "Dies ist ein Test.", "mensaje de prueba"),
    ],
    "example-host": [
        "See https://localhost:3000/x",
        "See https://example.com/x",
        "See https://staging.acme.io/x",
    ],
    "empty-greeting": [
        "Hi , your order is ready.",
        "Hello  , welcome",
        "Bonjour , bienvenue",
        "Beste , welkom",
        "Gentile , benvenuta",
    ],
    "wrong-encoding": ["RÃ©servÃ©", "Itâ€™s ready", "20Â£ off"],
    "html-entity": ["Ben &amp; Cy", "It&#39;s ready", "&nbsp;Acme"],
}


@pytest.mark.field_case(14)
@pytest.mark.parametrize("reason", LEFTOVERS)
def test_a_leftover_in_a_text_is_an_error(reason, cli):
    """Each leftover of this kind is an error at its text, and nothing is sent."""
    texts = LEFTOVERS[reason]
    with_texts(texts)
    expected = [Finding("error", "leftover", reason, 7 + 5 * at) for at in range(len(texts))]
    assert findings(cli) == expected


@pytest.mark.field_case(14)
def test_texts_that_only_look_like_leftovers_have_no_finding(cli):
    """Brands in brackets, French and Spanish texts, tests that are not ours, and keywords are meant."""
    texts = [
        "[Acme] Your code is 123. If you did not request it, ignore this message.",
        "TODO al 50%, hoy. COMPRA TODO",
        "Your blood test results are ready. Book a test drive!",
        "Bonjour ! Répondez <STOP> ou [STOP].",
        "None of our shops is closed. 100% off, 20% now.",
        "Acme [Kunde des Monats], [Guest] hosts, dear [Acme]; #NV und #1, XXL -20%, Size XX 5%",
        "Mensaje para ti: prueba gratis. Das ist kein Test-Abo. Ciao Nulla!",
        "This is a test of the alert system. This is only a test.",
        "School drill at 10: this is a test. Do not call 911.",
        "Enter your code here: acme.com. Come here!",
        "\u00af\\_(\u30c4)_/\u00af and\\or yes\\no \\o/ rock\\roll",
        "Hi (again), XXX-Large shirts from $10, $AAPL, pay $name_of_shop",
        "Or $links; hey (you)! Total: ___ of 5",
        "Download our budget template: https://acme.com/localhosts",
        "Hi %%NAME%%, {{ '{' ~ '}' if false else 'ok' }}",
    ]
    with_texts(texts)
    assert findings(cli) == []
    assert len(bodies(cli)) == len(texts)


@pytest.mark.field_case(14)
def test_a_leftover_in_a_variable_or_a_default_is_reported_where_it_is(cli):
    """The location is that of the variable or the default, not of the text that uses it."""
    directory = with_text(
        '    content: "Hi %%N%%, see {{ help.page }} {{ shop }}"\n'
        '    personalizationDefaults: {N: "[NAME]"}\n',
        variables="vars:\n  help:\n    page: https://localhost/\n",
    )
    (directory / "sendspec.yaml").write_text("version: 1\nvars:\n  shop: Shop {id}\n")
    report = json.loads(cli("validate", "--format", "json").out)["findings"]
    assert [(each["reason"], each["file"], each["line"], each["column"]) for each in report] == [
        ("example-host", "specs/campaigns/c0.yaml", 5, 19),
        ("placeholder", "specs/campaigns/c0.yaml", 11, 35),
        ("template", "specs/sendspec.yaml", 3, 14),
    ]
    with_text('    content: "Hi %%N%%, welcome"\n    personalizationDefaults: {N: " "}\n')
    assert findings(cli) == [
        Finding("error", "unresolved-tag", "no-value", 7),
        Finding("error", "leftover", "empty-greeting", 8),
    ]
