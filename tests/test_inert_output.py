"""Untrusted text in every medium: readers of the medium show it as it is, and find nothing else in it."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from pathlib import Path

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sendspec
from sendspec.report.escape.characters import JOINERS, visible
from sendspec.report.escape.csv_cell import escape_cell
from sendspec.report.escape.html import Html
from sendspec.report.escape.json_text import escape_json, json_document
from sendspec.report.escape.markdown import Markdown
from sendspec.report.escape.plain import escape_text, escape_value
from sendspec.report.escape.workflow import workflow_command
from tests.oracles.markdown import Shown, second_reading
from tests.oracles.runner import read_command, read_log

PARTS = (
    *"*_`~[]()<>!#@:;=+-.,|\\/&$%^'\"{}0123456789abcxyz \n\r\t",
    *("::", "##[", "##vso[", "##", "::error::", "::stop-commands::x", "%0A", "%25", "%3A", "]"),
    *("@octo", "octo@acme.example", "https://acme.example/a_b", "www.acme.example", "mailto:a@b.example"),
    *("#12", "octo/cat#12", "GH-12", "gh-", "0a1b2c3", "4396816", "a5c3785ed8d6a35868bc169f07e40e889087fd2e"),
    *(
        "![a](b)",
        "[a](javascript:b)",
        "[a]: b",
        "[^1]",
        "[^1]: a",
        "[!NOTE]",
        "- [x] a",
        "1. a",
        "1",
        "```",
        "~~~",
    ),
    *(
        "<b>",
        "</p>",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "&lt;",
        "&#64;",
        "<a href=x>",
        "]]>",
        "<?",
        "<wbr>",
    ),
    *(
        "$x$",
        "$$",
        "$`x`$",
        ":+1:",
        ":smile:",
        "| a |",
        "|-|",
        "---",
        "===",
        ":-",
        "> ",
        "    a",
        "**a**",
        "~a~",
    ),
    *(
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufe0f",
        "\u00ad",
        "\x1b[31m",
        "\x00",
        "\u2028",
        "\u0085",
        "\ufeff",
    ),
    *(
        "\udcff",
        "\u00a0",
        "\u3000",
        "é",
        "e\u0301",
        "ﬁ",
        "שלום",
        "👩\u200d👩\u200d👧",
        "🇨🇦",
        "\U000e0041",
        "\uff1d",
        "\uff21",
    ),
)
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=9).map("".join)
oracle = settings(max_examples=150)


@oracle
@given(TEXTS, st.sampled_from(["", " ", "error [rule]: ", "#"]), st.sampled_from(["", "[a]", " (a/b)"]))
def test_a_line_of_a_log_is_not_a_command(text: str, before: str, after: str) -> None:
    """A runner finds no command in escaped text, wherever it is on a line, and a terminal shows one line."""
    shown = f"{before.strip('#')}{escape_text(text)}{after}"
    assert read_log(shown) == []
    assert read_log(f"{before}{escape_text(text)}") == []
    assert visible(shown) == shown
    assert escape_text(text) in {visible(text), f"\\{visible(text)}"} or "#" in text


@oracle
@given(TEXTS)
def test_json_is_the_same_value_and_not_a_command(text: str) -> None:
    """A reader of JSON gets the text, and a runner that sees the document finds no command."""
    for document in (
        json_document({text: [text]}),
        escape_json(json.dumps([text], indent=1)),
        escape_value(text),
    ):
        assert read_log(document) == []
        assert visible(document, keep="\n") == document
    assert json.loads(json_document({text: [text]})) == {text: [text]}


@oracle
@given(TEXTS, TEXTS)
def test_a_workflow_command_has_its_values(message: str, value: str) -> None:
    """The runner reads one command with the message and the property, and the log nothing more."""
    line = workflow_command("error", {"file": value, "line": "3"}, message)
    command = read_command(line)
    assert command is not None
    file = visible(value, keep=JOINERS).strip().lstrip("=")
    expected = {"file": file, "line": "3"} if file else {"line": "3"}
    assert (command.name, command.properties) == ("error", expected)
    assert command.data == visible(message, keep=f"{JOINERS}\n")
    assert len(line.splitlines()) == 1


PLACES = {
    "{}": ["p"],
    "a {} b": ["p"],
    "**{}**": ["p", "strong"],
    "- {}": ["ul", "li"],
    "1. {}\n": ["ol", "li"],
    "> {}": ["blockquote", "p"],
    "## {}": ["h2"],
    "| a |\n|---|\n| {} |": ["table", "thead", "tr", "th", "tbody", "tr", "td"],
    "<details><summary>{}</summary></details>": ["details", "summary"],
    "a\n{}": ["p"],
    "- [ ] {}": ["ul", "li", "input"],
}
FIXED = {
    "a {} b": ("a ", " b"),
    "| a |\n|---|\n| {} |": ("a", ""),
    "a\n{}": ("a\n", ""),
    "- [ ] {}": (" ", ""),
}
OWN = {"wbr", "span"}


@oracle
@given(TEXTS.filter(lambda text: text != ""), st.sampled_from(sorted(PLACES)))
def test_markdown_shows_the_text_and_nothing_else(text: str, place: str) -> None:
    """GitHub's parser shows exactly the text, without an element, a link or a reference in it."""
    shown = Shown(Markdown.of(place, text).source)
    before, after = FIXED.get(place, ("", ""))
    inner = (
        shown.text.strip("\n")
        if place.startswith(("- ", "1.", "> ", "| "))
        else shown.text.removesuffix("\n")
    )
    inner = re.sub(r"\n+(?=a)|(?<=a)\n+", "", inner) if place.startswith("|") else inner
    assert inner == f"{before}{visible(text, keep=JOINERS)}{after}"
    assert [tag for tag in shown.elements if tag not in OWN] == PLACES[place]
    assert shown.references == []


@pytest.mark.parametrize("part", PARTS)
def test_each_part_alone_is_only_text_in_markdown(part: str) -> None:
    """Random texts may miss a part; here each one is between words."""
    shown = Shown(Markdown.of("a {} b", part).source)
    assert shown.text == f"a {visible(part, keep=JOINERS)} b\n"
    assert [tag for tag in shown.elements if tag not in OWN] == ["p"]
    assert shown.references == []
    row = Shown(Markdown.of("| a |\n|---|\n| {} |", part).source)
    assert row.elements.count("td") == 1
    assert visible(part, keep=JOINERS) in row.text
    block = Shown(Markdown.code_block(f"{part}\n{part}").source)
    assert block.elements == ["pre", "code"]
    page = Html.of("<script>{}</script><p>{}</p>", Html.script_json(part), part)
    root = html5lib.parseFragment(page.source, namespaceHTMLElements=False)
    assert [element.tag for element in root.iter()][1:] == ["script", "p"]
    assert json.loads(root[0].text) == part


@oracle
@given(TEXTS)
def test_another_reader_of_markdown_finds_no_syntax(text: str) -> None:
    """A parser with footnotes, task lists, formulas and links finds text and our own elements only."""
    own = {"html_inline <wbr>", "html_inline <span>", "html_inline </span>", "text"}
    own |= {"html_inline <code>", "html_inline </code>"}
    for markdown in (Markdown.text(text), Markdown.of("{}: {}", Markdown.code(text), text)):
        assert set(second_reading(markdown.source)) <= own | {"paragraph_open", "paragraph_close"}


@oracle
@given(TEXTS)
def test_code_in_markdown_shows_the_text(text: str) -> None:
    """Code in a line and a fenced block have exactly the text."""
    line = Shown(Markdown.of("{}", Markdown.code(text)).source)
    assert [tag for tag in line.elements if tag not in OWN] == ["p", "code"]
    assert line.text.removesuffix("\n") == visible(text, keep=JOINERS)
    block = Shown(Markdown.code_block(text, "yaml").source)
    assert block.elements == ["pre", "code"]
    assert block.text == visible(text, keep=f"{JOINERS}\n").removesuffix("\n") + "\n\n"
    hidden = Shown(Markdown.comment(text).source)
    assert (hidden.text.strip(), hidden.elements) == ("", [])


@oracle
@given(TEXTS)
def test_values_in_a_sentence_are_at_worst_code(text: str) -> None:
    """Text between backticks may become code; every other character is shown, and nothing is a reference."""
    shown = Shown(Markdown.of("a {} b", Markdown.prose(text)).source)
    expected = visible(text, keep=JOINERS).replace("`", "")
    assert shown.text.replace("`", "") == f"a {expected} b\n"
    assert {tag for tag in shown.elements if tag not in OWN} <= {"p", "code"}
    assert shown.references == []
    page = Html.of("<p>{}</p>", Html.prose(text))
    [paragraph] = html5lib.parseFragment(page.source, namespaceHTMLElements=False)
    assert "".join(paragraph.itertext()).replace("`", "") == visible(text, keep=f"{JOINERS}\n").replace(
        "`", ""
    )
    assert {element.tag for element in paragraph.iter()} <= {"p", "code"}


@pytest.mark.parametrize(
    ("sentence", "code", "text"),
    [
        (
            "run `sendspec plan --full`, then wait",
            ["sendspec plan --full"],
            "run sendspec plan --full, then wait",
        ),
        ("`a`, (`b_c`) and `*d*`.", ["a", "b_c", "*d*"], "a, (b_c) and *d*."),
        ("install `sendspec[holidays]`", ["sendspec[holidays]"], "install sendspec[holidays]"),
        ("write ` or ' instead of ` here", [], "write ` or ' instead of ` here"),
        ("a `b\x0ac` d", [], "a `b\\u000ac` d"),
        ("``` `` ` a``b", [], "``` `` ` a``b"),
        ("it`s and that`s", [], "it`s and that`s"),
    ],
)
def test_backticks_of_a_sentence_are_code(sentence: str, code: list[str], text: str) -> None:
    """A command is shown as code in Markdown and HTML; a single backtick is a character."""
    markdown = Shown(Markdown.of("{}", Markdown.prose(sentence)).source)
    assert (markdown.elements.count("code"), markdown.text) == (len(code), f"{text}\n")
    root = html5lib.parseFragment(
        Html.of("<p>{}</p>", Html.prose(sentence)).source, namespaceHTMLElements=False
    )
    assert [element.text for element in root.iter("code")] == code


@oracle
@given(TEXTS)
def test_html_shows_the_text_and_nothing_else(text: str) -> None:
    """A browser's parser gets exactly the text of an element, an attribute, a script and a style."""
    page = Html.of(
        '<p title="{}">{}</p><script type="application/json">{}</script><style>{}</style>',
        text,
        text,
        Html.script_json({"text": text}),
        Html.css_string(text),
    )
    root = html5lib.parseFragment(page.source, namespaceHTMLElements=False)
    assert [element.tag for element in root.iter()][1:] == ["p", "script", "style"]
    expected = visible(text, keep=f"{JOINERS}\n")
    paragraph, script, style = root
    assert (paragraph.text or "", dict(paragraph.items())) == (expected, {"title": expected})
    assert json.loads(script.text) == {"text": text}
    assert re.fullmatch(r'"(?:[0-9A-Za-z]|\\[0-9a-f]{1,6} )*"', style.text)
    decoded = re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), style.text[1:-1])
    assert decoded == visible(text, keep=JOINERS)


@oracle
@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_a_cell_is_not_a_formula(cells: list[str]) -> None:
    """A reader of CSV gets each text, with an apostrophe if a spreadsheet would compute it."""
    cells = [cell.replace("\udcff", "") for cell in cells]
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(map(escape_cell, cells))
    [row] = csv.reader(io.StringIO(buffer.getvalue(), newline=""))
    for cell, read in zip(cells, row, strict=True):
        assert read in {cell, f"'{cell}"}
        assert not read.startswith(tuple("=+-@\t\r\n＝＋－＠"))  # noqa: RUF001 - full-width signs


def test_markup_cannot_be_mixed_with_text() -> None:
    """Neither an f-string nor a join, nor the markup of another medium, becomes a part of markup."""
    bold = Markdown.of("**{}**", "a*b")
    assert bold.source == "**a&#42;b**"
    assert Markdown.of("{0} {name:,} {1:.2f}", bold, 0.5, name=1200).source == "**a&#42;b** 1,200 0.50"
    assert Markdown.join(", ", [bold, Markdown.of("{}", 3)]).source == "**a&#42;b**, 3"
    assert Markdown("-").between([bold, bold]).source == "**a&#42;b**-**a&#42;b**"
    assert (bold + Markdown.of("!")).source == "**a&#42;b**!"
    for mix in (
        lambda: f"{bold}",
        lambda: str(bold),
        lambda: bold + "a",
        lambda: "a" + bold,
        lambda: Html.of("{}", bold),
        lambda: bold + Html.of("a"),
    ):
        with pytest.raises(TypeError):
            mix()
    assert Html.of("<b>{}</b>", "<\"&'>").source == "<b>&lt;&quot;&amp;&#x27;&gt;</b>"
    assert Html.of("<b>{}</b>", "a").__html__() == "<b>a</b>"
    assert (bold.size, bool(Markdown.of("")), bool(bold)) == (11, False, True)


PACKAGE = Path(sendspec.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "escape" not in path.relative_to(PACKAGE).parts)


MAKERS = {f"{kind}{method}" for kind in ("Html", "Markdown") for method in ("", ".of", ".join")}


def unsafe_markup(tree: ast.Module) -> list[str]:
    """Return calls that make markup of text that is not a literal, and templates with unquoted attributes."""
    unsafe = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = re.sub(r"^(?:\w+\.)+(?=(?:Html|Markdown)\b)", "", ast.unparse(call.func))
        if name in MAKERS:
            template = call.args[0] if call.args else None
            literal = template.value if isinstance(template, ast.Constant) else None
            if not isinstance(literal, str) or re.search(r"=\s*\{|<[^>]*\son|javascript:", literal):
                unsafe.append(ast.unparse(call))
    return unsafe


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_literals_and_escaped_text_become_markup(path: Path) -> None:
    """No module makes markup of a value, and no template has an attribute without quotes or of an event."""
    assert unsafe_markup(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_the_search_for_unsafe_markup_finds_it() -> None:
    """Each way to make markup of a value is found."""
    for source in (
        "Html(value)",
        "escape.Markdown(value)",
        "Markdown(source=value)",
        'Markdown(f"{value}")',
        "Markdown.of(value)",
        'Markdown.of(f"{value}")',
        'Markdown.of("a" + value)',
        "Html.join(value, parts)",
        'Html.of("<p title={}>", value)',
        "Html.of(\"<p onclick='{}'>\", value)",
    ):
        assert unsafe_markup(ast.parse(source)), source
    assert unsafe_markup(ast.parse("Html.of(\"<p title='{}'>{}</p>\", a, Markdown.text(b))")) == []
