"""Campaign files that are not YAML, or use YAML features that specs do not support."""

from __future__ import annotations

from tests.bad import BAD, CAMPAIGN, Bad, content, edited

_LAUGHS = "".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 20))
_MERGES = "".join(f"m{i}: &m{i} {{<<: [*m{i - 1}, *m{i - 1}]}}\n" for i in range(1, 14))

CASES = {
    "an empty file": Bad(f"{BAD}:1:1: error: the file is empty", {BAD: ""}),
    "only a comment": Bad(f"{BAD}:1:1: error: the file is empty", {BAD: "# later\n"}),
    "a NUL byte": Bad(f"{BAD}:1:14: error:", {BAD: b"campaign: bad\0\n"}),
    "Latin-1": Bad(f"{BAD}:7:24: error:", {BAD: CAMPAIGN.replace("hi", "caf\u00e9").encode("latin-1")}),
    "UTF-16": Bad(f"{BAD}:1:1: error: the file is UTF-16", {BAD: CAMPAIGN.encode("utf-16")}),
    "UTF-16 without a mark": Bad(f"{BAD}:1:2: error:", {BAD: CAMPAIGN.encode("utf-16-le")}),
    "UTF-32": Bad(f"{BAD}:1:1: error:", {BAD: CAMPAIGN.encode("utf-32")}),
    "an image": Bad(f"{BAD}:1:1: error:", {BAD: b"\x89PNG\r\n\x1a\n" + bytes(200)}),
    "a zip archive": Bad(f"{BAD}:1:3: error:", {BAD: b"PK\x03\x04" + bytes(200)}),
    "a bracket that is not closed": Bad(f"{BAD}:", {BAD: "campaign: [\n"}),
    "quotes that are not closed": Bad(f"{BAD}:7:14: error:", content('"Acme: hi')),
    "a tab as indentation": Bad(f"{BAD}:4", edited("  - id", "\t- id")),
    "wrong indentation": Bad(f"{BAD}:5", edited("    endpoint", "   endpoint")),
    "a template without quotes": Bad(f"{BAD}:7", content("{{ campaign }}")),
    "an unknown escape": Bad(f"{BAD}:7:", content(r'"\q"')),
    "a colon in a plain value": Bad(f"{BAD}:7:", content("Acme: hi: there")),
    "a merge conflict": Bad(f"{BAD}:", edited("purpose", "<<<<<<< HEAD\npurpose")),
    "a duplicate key": Bad(f"{BAD}:3:1: error:", edited("sends:", "purpose: marketing\nsends:")),
    "an anchor": Bad(f"{BAD}:7:14: error:", content("&text hi")),
    "an alias": Bad(f"{BAD}:7:14: error:", content("*text")),
    "a list that holds itself": Bad(
        f"{BAD}:3:8: error:", {BAD: "campaign: bad\npurpose: marketing\nsends: &a [*a]\n"}
    ),
    "a billion laughs": Bad(f"{BAD}:1:5: error:", {BAD: f"l0: &l0 [lol]\n{_LAUGHS}"}),
    "a merge-key bomb": Bad(f"{BAD}:1:5: error:", {BAD: f"m0: &m0 {{a: 1}}\n{_MERGES}"}),
    "a tag that makes objects": Bad(f"{BAD}:7:14: error:", content("!!python/object/apply:os.system [ls]")),
    "two documents": Bad(f"{BAD}:10:1: error:", {BAD: f"{CAMPAIGN}---\na: 1\n"}),
    "a directive": Bad(f"{BAD}:", {BAD: f"%YAML 1.1\n---\n{CAMPAIGN}"}),
    "40 levels": Bad(f"{BAD}:1:", {BAD: "vars: " + "[" * 40 + "]" * 40}),
    "100,000 open lists": Bad(f"{BAD}:1:", {BAD: "[" * 100_000}),
    "a list as a key": Bad(f"{BAD}:1:", {BAD: "? [a]\n: b\n"}),
    "more than 1 MiB": Bad(f"{BAD}:1:1: error:", {BAD: f"{CAMPAIGN}#{'x' * 2**20}\n"}),
    "100,000 values": Bad(f"{BAD}:1:", {BAD: f"vars: [{'x,' * 100_001}]\n"}),
    "an endless number": Bad(f"{BAD}:10:", {BAD: f"{CAMPAIGN}    ttlInMinutes: {'9' * 5000}\n"}),
    "not a number": Bad(f"{BAD}:10:", {BAD: f"{CAMPAIGN}    ttlInMinutes: .nan\n"}),
}
