"""Texts for people: docs, help, messages, docstrings and comments avoid the words of the glossary."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from sendspec.cli import VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]


EXCEPTIONS = (
    "is no longer",
    "are no longer",
    "was no longer",
    "has passed on",
    "--run-is-gone",
)
"""Phrases in which a word to avoid is correct."""


def words_to_avoid() -> list[str]:
    """Return the words of the glossary: the column `avoid` of both of its tables."""
    words = []
    for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) in (2, 3):
            words += re.findall(r"`([^`]+)`", cells[0] if len(cells) == 2 else cells[2])
    return words


AVOID = re.compile(rf"\b({'|'.join(map(re.escape, words_to_avoid()))})\b", re.IGNORECASE)


def found_in(text: str) -> list[str]:
    """Return the words to avoid in a text, without its code spans."""
    prose = re.sub(r"``[^`]+``|`[^`\n]+`", "`", " ".join(text.split()))
    for phrase in EXCEPTIONS:
        prose = prose.replace(phrase, " ")
    return [match[0] for match in AVOID.finditer(prose)]


def page_texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs of a Markdown page with their first lines, without code and link targets."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(
        r"^```.*?^```$", lambda code: "\n" * code[0].count("\n"), text, flags=re.MULTILINE | re.DOTALL
    )
    text = re.sub(r"\]\([^)]*\)", "]", text)
    for match in re.finditer(r"(?:^.+\n?)+", text, re.MULTILINE):
        yield text[: match.start()].count("\n") + 1, match[0]


def source_texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the comments of a module and its strings of more than one word, such as docstrings."""
    source = path.read_text(encoding="utf-8")
    comments = [
        token
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    ]
    yield from comment_blocks(comments)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value


def comment_blocks(comments: list[tokenize.TokenInfo]) -> Iterator[tuple[int, str]]:
    """Yield comments, with those on consecutive lines as one text."""
    block: list[tokenize.TokenInfo] = []
    for comment in comments:
        if block and comment.start[0] != block[-1].start[0] + 1:
            yield block[0].start[0], " ".join(each.string.lstrip("# ") for each in block)
            block = []
        block.append(comment)
    if block:
        yield block[0].start[0], " ".join(each.string.lstrip("# ") for each in block)


def schema_texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the titles, descriptions and comments of a JSON Schema."""
    pending = [json.loads(path.read_text(encoding="utf-8"))]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            texts = [value.get(key) for key in ("title", "description", "$comment")]
            yield from ((1, text) for text in texts if isinstance(text, str))
        pending += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def help_texts(verb: str) -> Iterator[tuple[int, str]]:
    """Yield the help of a verb."""
    command = import_module(f"sendspec.cli.{verb}").command
    # click keeps the help option of a command, so its names must be those that a user sees.
    context = click.Context(
        command, info_name=verb, max_content_width=100, help_option_names=["-h", "--help"]
    )
    yield 1, command.get_help(context)


def texts_of(name: str) -> Iterator[tuple[int, str]]:
    if name.startswith("--help of "):
        return help_texts(name.removeprefix("--help of "))
    readers = {".md": page_texts, ".py": source_texts, ".json": schema_texts}
    return readers[Path(name).suffix](ROOT / name)


def names() -> list[str]:
    """Return the names of everything that is searched: files, and verbs for their help."""
    paths = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "sendspec").rglob("*.py"),
        *(ROOT / "schemas").glob("*.json"),
    ]
    files = sorted(path.relative_to(ROOT).as_posix() for path in paths)
    return [*files, *(f"--help of {verb}" for verb in VERBS)]


def hits(name: str) -> list[str]:
    """Return the words to avoid in a text, each with its location."""
    return [f"{name}:{line}: {word}" for line, text in texts_of(name) for word in found_in(text)]


@pytest.mark.parametrize("name", names())
def test_texts_avoid_the_words_of_the_glossary(name: str) -> None:
    """Each text for people uses the words that the glossary recommends."""
    assert hits(name) == []


def test_a_word_to_avoid_is_found() -> None:
    """The search finds a word in prose, in any case and across lines, and ignores code and exceptions."""
    assert found_in("Everybody is\ntold at\nonce") == ["Everybody", "told", "at once"]
    assert found_in("`told` is no longer used, nor is told-off") == ["told"]
    assert len(words_to_avoid()) == len(set(words_to_avoid())) > 50


if __name__ == "__main__":
    for name in names():
        print("\n".join(hits(name)), end="\n" if hits(name) else "")
