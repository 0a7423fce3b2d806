"""`sendspec fmt --fix ucs2-character`: plain twins instead of the characters that the rule reports."""

from __future__ import annotations

import json
import re
from pathlib import Path

from sendspec.ledger.registry import make_ledger
from sendspec.load import load_project
from tests.ledgers import accepted, started
from tests.projects import project

QUOTE, LEFT, RIGHT, DASH, DOTS, BLANK = "\u2019", "\u201c", "\u201d", "\u2013", "\u2026", "\u00a0"


def campaign(
    lines: str, *, variables: str = "", endpoint: str = "external-consent", name: str = "order"
) -> str:
    """Return a campaign with these lines of its send."""
    number = "phoneNumber" if endpoint == "external-consent" else "contactId"
    return (
        f"campaign: {name}  # it{QUOTE}s a comment\npurpose: transactional\ndescription: it{QUOTE}s a note\n"
        f'{variables}sends:\n  - endpoint: {endpoint}\n    id: ready\n    channelQualifier: "148372"\n{lines}'
        f'    contacts: [{{{number}: "12125550101", personalization: {{NAME: "O{QUOTE}Neil"}}}}]\n'
    )


TEXTS = {
    "double quotes": (f'"It{QUOTE}s {LEFT}ready{RIGHT}{DOTS}"', '"It\'s \\"ready\\"..."'),
    "single quotes": (f"'It{QUOTE}s {LEFT}ready{RIGHT}'", "'It''s \"ready\"'"),
    "no quotes": (f"It{QUOTE}s{BLANK}ready {DASH} now", "It's ready - now"),
    "a block": (
        f"|- # it{QUOTE}s\n      It{QUOTE}s\n      ready{DOTS}",
        f"|- # it{QUOTE}s\n      It's\n      ready...",
    ),
    "a folded block": (f">-\n      It{QUOTE}s\n\n      ready{DOTS}", ">-\n      It's\n\n      ready..."),
    "several lines": (f'"It{QUOTE}s\n      ready{DOTS}"', '"It\'s\n      ready..."'),
    "escapes": ('"It\\u2019s\\_ready\\x21 \\\\u2019"', '"It\'s ready\\x21 \\\\u2019"'),
    "a template": (f"\"It{QUOTE}s {{{{ '{DASH}' ~ 1 }}}}\"", "\"It's {{ '-' ~ 1 }}\""),
    "the name of a tag": (f'"It{QUOTE}s %%O{QUOTE}N%%"', f'"It\'s %%O{QUOTE}N%%"'),
}


def fixed(cli, text: str, settings: str = "version: 1\n", *arguments: str):
    """Fix one campaign; return its new text, and how the command ended."""
    specs = project(Path("specs"), settings=settings)
    file = specs / "campaigns" / "c0.yaml"
    file.write_bytes(text.encode())
    done = cli("fmt", "--fix", "ucs2-character", *arguments)
    return file.read_bytes().decode(), done


def fixed_all(cli, texts: dict[str, str]):
    """Fix campaigns together; return how the command ended, and their new texts by name."""
    specs = project(Path("specs"), *texts.values())
    done = cli("fmt", "--fix", "ucs2-character")
    files = (specs / "campaigns" / f"c{number}.yaml" for number in range(len(texts)))
    return done, {name: file.read_text() for name, file in zip(texts, files, strict=True)}


def test_texts(cli):
    """Only the characters of the texts change, in any style; the rule has no finding after that."""
    default = f'    personalizationDefaults: {{"O{QUOTE}N": x}}\n'
    texts = {
        name: campaign(f"    content: {before}\n{default if '%%' in before else ''}", name=f"c{number}")
        for number, (name, (before, _)) in enumerate(TEXTS.items())
    }
    done, results = fixed_all(cli, texts)
    assert done.code == 0
    for name, (before, after) in TEXTS.items():
        assert results[name] == texts[name].replace(before, after), name
    assert "ucs2-character" not in cli("validate").out


def test_windows_line_breaks_and_a_byte_order_mark(cli):
    """All other bytes of the file stay."""
    text = "\ufeff" + campaign(f"    content: It{QUOTE}s ready\n").replace("\n", "\r\n")
    result, done = fixed(cli, text)
    assert (done.code, result) == (0, text.replace(f"It{QUOTE}s ready", "It's ready"))


VARIABLES = f"vars: {{a: it{QUOTE}s, b: {{en: {DOTS}}}, unused: it{QUOTE}s}}\n"


def test_variables_and_defaults(cli):
    """Variables of the campaign, the target and the project change, and defaults; unused ones stay."""
    text = campaign(
        f'    content: "Hi %%NAME%%, {{{{ a }}}} {{{{ b.en }}}} {{{{ c }}}} {{{{ d }}}}"\n'
        f"    personalizationDefaults: {{NAME: friend{DOTS}, OTHER: it{QUOTE}s}}\n",
        variables=VARIABLES,
    )
    own = f"vars: {{a: no{DOTS}, c: y{DASH}, d: it{QUOTE}s}}\n"
    settings = f"version: 1\ntargets: {{sandbox: {{vars: {{d: x{DASH}}}}}}}\n{own}"
    result, done = fixed(cli, text, settings)
    assert done.code == 0
    assert result == text.replace(f"a: it{QUOTE}s, b: {{en: {DOTS}}}", "a: it's, b: {en: ...}").replace(
        f"friend{DOTS}", "friend..."
    )
    assert Path("specs/sendspec.yaml").read_text() == settings.replace(f"x{DASH}", "x-").replace(
        f"y{DASH}", "y-"
    )
    assert done.err.splitlines()[-1] == "2 files fixed, 0 unchanged, 5 characters"


STAY = {
    "a variable in another property": (
        "    content: '{{ a }}'\n    source: '{{ a }}'\n",
        f"vars: {{a: it{QUOTE}s}}\n",
    ),
    "a variable in a condition": (
        f"    content: \"{{{{ a }}}}{{% if a == 'it{QUOTE}s' %}}, yes{{% endif %}}\"\n",
        f"vars: {{a: it{QUOTE}s}}\n",
    ),
    "a computed text": ("    content: '{{ a | upper }}'\n", f"vars: {{a: it{QUOTE}s}}\n"),
    "a quote in a template": (f"    content: \"{{{{ 'it{QUOTE}s' }}}}\"\n", ""),
    "a comment if it were a space": ("    content: Hi\u00a0#1\n", ""),
}


def test_what_a_person_must_change(cli):
    """A character stays if its replacement has other effects; a note names its location."""
    texts = {
        name: campaign(lines, variables=variables, name=f"c{number}")
        for number, (name, (lines, variables)) in enumerate(STAY.items())
    }
    done, results = fixed_all(cli, texts)
    assert (done.code, results) == (0, texts)
    for number in range(len(texts)):
        assert re.search(
            rf"^specs/campaigns/c{number}\.yaml:.* stays; replace it by hand$", done.err, re.MULTILINE
        )
    assert f"0 files fixed, {len(texts) + 1} unchanged\n" in done.err


IGNORED = {
    "letters": ("    content: Olá, você é o nosso cliente número um, com condições e preços especiais.\n"),
    "letters and typography": (f"    content: Olá, é você{QUOTE}s\n"),
    "an emoji": (f"    content: It{QUOTE}s ready 🎉\n"),
    "an exception": (f"    content: It{QUOTE}s\n    allow: [{{rule: ucs2-character, reason: brand}}]\n"),
}


def test_what_the_rule_does_not_report_as_typography(cli):
    """Texts without such a finding, or with an exception, stay without a note."""
    texts = {name: campaign(lines, name=f"c{number}") for number, (name, lines) in enumerate(IGNORED.items())}
    done, results = fixed_all(cli, texts)
    assert (done.code, results, "stays" in done.err) == (0, texts, False)


def test_a_variable_that_another_text_has(cli):
    """A variable stays if it is also in a text that the rule does not report."""
    text = campaign("    content: '{{ a }}'\n")
    specs = project(Path("specs"), text, settings=f"version: 1\nvars: {{a: it{QUOTE}s}}\n")
    (specs / "campaigns" / "c1.yaml").write_text(campaign("    content: '{{ a }} 🎉'\n", name="other"))
    done = cli("fmt", "--fix", "ucs2-character")
    assert done.err.count("stays; replace it by hand") == 1
    assert QUOTE in (specs / "sendspec.yaml").read_text()


def test_a_send_that_is_sent(cli):
    """The text of a send stays if the file ledger of a real target has the send."""
    text = campaign(f"    content: It{QUOTE}s ready\n", endpoint="contacts")
    specs = project(Path("specs"), text, settings="version: 1\ntargets: {production: {pod: us-1}}\n")
    loaded = load_project(specs)
    ledger = make_ledger(specs, loaded.targets["production"], ["order"])
    ledger.create()
    with ledger.open() as session:
        session.append([*started("order/ready"), accepted("order/ready")])
    done = cli("fmt", "--fix", "ucs2-character")
    assert done.err == "note: the text of 1 send stays: already sent\n0 files fixed, 2 unchanged\n"
    assert (specs / "campaigns" / "c0.yaml").read_text() == text


def test_named_files_only(cli):
    """With paths only these files change; a variable elsewhere stays, with a note."""
    text = campaign(f"    content: 'It{QUOTE}s {{{{ a }}}}'\n")
    specs = project(
        Path("specs"), text, text.replace("order", "other"), settings=f"version: 1\nvars: {{a: {DOTS}}}\n"
    )
    done = cli("fmt", "--fix", "ucs2-character", "specs/campaigns/c1.yaml")
    assert done.code == 0
    assert (specs / "campaigns" / "c0.yaml").read_text() == text
    assert "It''s" in (specs / "campaigns" / "c1.yaml").read_text()
    assert done.err.startswith("fixed specs/campaigns/c1.yaml\nspecs/sendspec.yaml:2:11: note: … stays; ")


def test_check_and_diff(cli):
    """`--check` and `--diff` write nothing."""
    text = campaign(f"    content: It{QUOTE}s ready\n")
    result, done = fixed(cli, text, "version: 1\n", "--check")
    assert (done.code, result, done.out) == (1, text, "would be fixed: specs/campaigns/c0.yaml\n")
    assert done.err == "1 file would be fixed, 1 unchanged, 1 character\n"
    done = cli("fmt", "--fix", "ucs2-character", "--diff")
    assert (done.code, "\n+    content: It's ready\n" in done.out) == (0, True)


def test_options(cli):
    """`--target` selects the variables, and works only with `--fix`; a broken project is an error."""
    text = campaign("    content: '{{ a }}'\n")
    settings = (
        f"version: 1\ntargets: {{production: {{pod: us-1, vars: {{a: it{QUOTE}s}}}}}}\nvars: {{a: x}}\n"
    )
    result, done = fixed(cli, text, settings)
    assert (result, done.err) == (text, "0 files fixed, 2 unchanged\n")
    _, done = fixed(cli, text, settings, "--target", "production")
    assert done.err == "fixed specs/sendspec.yaml\n1 file fixed, 1 unchanged, 1 character\n"
    assert cli("fmt", "--target", "production").code == 64
    Path("specs/campaigns/c0.yaml").write_text("campaign: [x\n")
    assert cli("fmt", "--fix", "ucs2-character").code == 1


def test_the_hint_of_the_rule(cli):
    """The finding names the command."""
    project(Path("specs"), campaign(f"    content: It{QUOTE}s ready\n"))
    [finding] = [
        each
        for each in json.loads(cli("validate", "--format", "json").out)["findings"]
        if each["rule"] == "ucs2-character"
    ]
    assert finding["hint"] == f"write ' instead of {QUOTE}, or run `sendspec fmt --fix ucs2-character`"
