"""Campaigns in any layout that YAML allows, drawn at random, for tests of the formatter."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

TEXTS = (
    "Acme: hi %%NAME%%, 20% off. Reply STOP to opt out.",
    "it's {{ name }}",
    'say "hi"',
    "back\\slash",
    "148372",
    "0123",
    "2026-12-01",
    "21:00",
    "no",
    "true",
    "null",
    "é \u2019 🎉",
    "ends: here",
    "with # mark",
    "- dash",
    " edge ",
    "",
    "two\nlines\n",
    "a\n\nb",
    "  indented\nless\n\n",
    "tab\tinside",
    "x" * 90 + " y",
    "[a]",
    "{{ a }}",
    "1e3",
    "0x1F",
    "en",
)
NAMES = ("teaser", "last-call", "a1", "2026", "no")
KEYS = (
    *("campaign", "purpose", "owner", "description", "ticket"),
    *("brand", "vars", "exclude", "sends", "unknown"),
)
SEND_KEYS = (
    *("id", "endpoint", "matrix", "revision", "channelQualifier", "content", "contacts", "exclude"),
    *("personalizationDefaults", "source", "ttlInMinutes", "notBefore", "notAfter", "audience", "allow"),
    *("publishedMessageId", "messageName", "typo"),
)
CONTACTS = ({"file": "x.csv", "columns": {"contactId": "a"}}, [{}, {"a": "b"}])


class Writer:
    """Writes values as YAML; every choice of layout is random."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.comments = 0

    def document(self) -> str:
        value = self.campaign()
        start = self.random.choice(["", "", "---\n", "# yaml-language-server: $schema=x\n", "\n\n"])
        lines = self.block(value, self.random.choice([0, 0, 0, 2]))
        end = self.random.choice(["", "\n", "\n\n\n", "\n  # foot\n", "\n...\n"])
        return start + self.random.choice(["\n", "\n", "\r\n"]).join(lines) + end

    def campaign(self) -> dict[str, Any]:
        keys = self.some(KEYS)
        values: dict[str, Any] = {
            "vars": lambda: {key: self.value() for key in self.some(("a", "b", "name", "on"))},
            "exclude": lambda: [self.text() for _ in range(2)],
            "sends": lambda: [self.send() for _ in range(self.random.randint(1, 3))],
            "brand": lambda: self.random.choice([self.text(), [self.text(), "Acme"]]),
        }
        return {key: values.get(key, self.text)() for key in keys}

    def send(self) -> dict[str, Any]:
        values: dict[str, Any] = {
            "id": lambda: self.random.choice(NAMES),
            "endpoint": lambda: "contacts",
            "matrix": lambda: {"locale": ["en", "no", 1, True]},
            "revision": lambda: 2,
            "ttlInMinutes": lambda: self.random.choice([5, "{{ ttl }}"]),
            "contacts": lambda: self.random.choice(
                [{"file": "x.csv", "columns": {"contactId": "a"}}, [{}, {"a": "b"}]]
            ),
            "personalizationDefaults": lambda: {"FIRST NAME": self.text(), "B": self.text()},
            "allow": lambda: [{"reason": self.text(), "rule": "quiet-hours"}],
            "audience": lambda: {"timezones": ["Europe/London"], "countries": ["NO", "GB"]},
        }
        return {key: values.get(key, self.text)() for key in self.some(SEND_KEYS)}

    def some(self, keys: tuple[str, ...]) -> list[str]:
        return self.random.sample(keys, self.random.randint(1, len(keys)))

    def value(self) -> Any:
        scalar = self.random.choice([self.text(), 1, 1.5, True, None, "x"])
        return self.random.choice([scalar, scalar, [scalar, "y"], {"k": scalar, "a b": "z"}])

    def text(self) -> str:
        return self.random.choice(TEXTS)

    # ── layout

    def comment(self, likelihood: float = 0.15) -> str:
        if self.random.random() > likelihood:
            return ""
        self.comments += 1
        return " " * self.random.choice([1, 2, 9]) + f"# c{self.comments}: 'it''s - x"

    def above(self, indent: int) -> list[str]:
        lines = []
        while self.random.random() < 0.2:
            comment = self.comment(0.6).lstrip()
            at = self.random.choice([indent, indent, 0, indent + 3])
            lines.append(" " * at + comment if comment else "")
        return lines

    def block(self, value: Any, indent: int) -> list[str]:
        lines: list[str] = []
        entries = value.items() if isinstance(value, dict) else [(None, item) for item in value]
        for key, item in entries:
            lines += self.above(indent)
            lines += self.entry(key, item, indent)
        return lines + self.above(indent)

    def entry(self, key: str | None, value: Any, indent: int) -> list[str]:
        start = " " * indent + ("-" if key is None else f"{self.key(key)}:")
        if not isinstance(value, dict | list):
            return self.scalar_lines(start, value, indent)
        if not value or self.random.random() < 0.4:
            return [f"{start} {self.flow(value)}{self.comment()}"]
        step = self.random.choice([1, 2, 2, 3, 4])
        if key is None and self.random.random() < 0.8:
            inner = self.block(value, indent + 1 + step)
            if inner[0].lstrip()[:1] not in {"", "#"}:
                return [start + inner[0][indent + 1 :], *inner[1:]]
        if isinstance(value, list) and key is not None and self.random.random() < 0.4:
            step = 0
        return [start + self.comment(), *self.block(value, indent + step)]

    def scalar_lines(self, start: str, value: Any, indent: int) -> list[str]:
        block = self.block_scalar(value, indent) if self.random.random() < 0.3 else None
        if block:
            return [f"{start} {block[0]}{self.comment()}", *block[1:]]
        scalar = self.scalar(value)
        if not scalar:
            return [start + self.comment()]
        if self.random.random() < 0.1:
            between = [" " * (indent + 3) + self.comment(1).lstrip()]
            below = between[: self.random.randint(0, 1)]
            return [start + self.comment(), *below, " " * (indent + 2) + scalar]
        first, space, rest = scalar.partition(" ")
        is_split = scalar[0] in "\"'" and space and rest[0] not in " \\" and first[-1] not in " \\'\""
        if is_split and self.random.random() < 0.2:
            return [f"{start} {first}", " " * (indent + self.random.randint(1, 5)) + rest + self.comment()]
        return [start + " " * self.random.choice([1, 1, 3]) + scalar + self.comment()]

    def block_scalar(self, value: Any, indent: int) -> list[str] | None:
        if not isinstance(value, str) or not value.strip("\n") or value.startswith("\n"):
            return None
        lines = value.split("\n")
        ends = len(value) - len(value.rstrip("\n"))
        chomping = {0: "-", 1: ""}.get(ends, "+")
        deeper = self.random.choice([2, 2, 4])
        indicator = str(deeper) if value.startswith(" ") or self.random.random() < 0.1 else ""
        body = lines[:-1] if ends else lines
        return [f"|{indicator}{chomping}", *(" " * (indent + deeper) + line if line else "" for line in body)]

    def key(self, key: str) -> str:
        return self.random.choice([key, key, key, f'"{key}"', f"'{key}'"])

    def flow(self, value: Any) -> str:
        if not isinstance(value, dict | list):
            return self.scalar(value) or "null"
        space = self.random.choice(["", " "])
        comma = self.random.choice([", ", ",  ", " , ", ",\n          ", ", # c\n          "])
        if isinstance(value, list):
            return f"[{space}{comma.join(map(self.flow, value))}{space}]"
        items = [f"{self.key(key)}: {self.flow(item)}" for key, item in value.items()]
        return f"{{{space}{comma.join(items)}{space}}}"

    def scalar(self, value: Any) -> str:
        if not isinstance(value, str):
            return {"True": "true", "False": "false", "None": ""}.get(str(value), str(value))
        choices = [json.dumps(value, ensure_ascii=False)]
        if "\n" not in value:
            choices.append("'" + value.replace("'", "''") + "'")
        if value.strip(" -") == value and re.fullmatch("[a-zA-Z0-9 -]+", value):
            choices.append(value)
        return self.random.choice(choices)


def campaign_text(seed: int) -> str:
    """Return the text of a campaign in a layout that depends on the seed."""
    return Writer(Random(seed)).document()  # noqa: S311
