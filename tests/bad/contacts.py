"""Contact files with problems, or with findings of level error."""

from __future__ import annotations

from tests.bad import BAD, CSV, Bad, edited

_ROW = "12125550123,Ada\n"


def columns(mapping: str) -> dict[str, str | bytes]:
    return edited("people.csv}", f"people.csv, columns: {mapping}}}")


CASES = {
    "an empty file": Bad(f"{CSV}:1:1: error:", {CSV: ""}),
    "blank lines": Bad(f"{CSV}:1:1: error:", {CSV: "\n\n\n"}),
    "only a header": Bad(f"{CSV}:1:1: error:", {CSV: "contactId,NAME\n"}),
    "no header": Bad(f"{CSV}:1:1: error:", {CSV: _ROW}),
    "no number column": Bad(f"{CSV}:1:1: error:", {CSV: f"mobile,NAME\n{_ROW}"}),
    "a column twice": Bad(f"{CSV}:1:1: error:", {CSV: "contactId,NAME,NAME\n12125550123,Ada,Ada\n"}),
    "semicolons": Bad(f"{CSV}:1:1: error:", {CSV: "contactId;NAME\n12125550123;Ada\n"}, end="semicolons"),
    "an instruction for Excel": Bad(
        f"{CSV}:1:1: error:", {CSV: f"sep=,\ncontactId,NAME\n{_ROW}"}, end="Excel"
    ),
    "a quote after a space": Bad(
        f"{CSV}:2:1: error:", {CSV: 'contactId,NAME\n12125550123, "Ada"\n'}, end="quote follows a space"
    ),
    "a line break in a value": Bad(
        f"{CSV}:2:1: error [value-shape]:", {CSV: 'contactId,NAME\n12125550123,"A\nda"\n'}, code=3
    ),
    "a missing value of a program": Bad(
        f"{CSV}:2:1: error [leftover]:", {CSV: "contactId,NAME\n12125550123,None\n"}, code=3
    ),
    "an invisible character": Bad(
        f"{CSV}:2:1: error [invisible-character]:", {CSV: "contactId,NAME\n12125550123,A\u202eda\n"}, code=3
    ),
    "too few fields": Bad(f"{CSV}:3:1: error:", {CSV: f"contactId,NAME\n{_ROW}12125550124\n"}),
    "too many fields": Bad(f"{CSV}:3:1: error:", {CSV: f"contactId,NAME\n{_ROW}12125550124,Lovelace, Ada\n"}),
    "a quote that is not closed": Bad(f"{CSV}:2:1: error:", {CSV: 'contactId,NAME\n12125550123,"Ada\n'}),
    "text after a closing quote": Bad(
        f"{CSV}:2:1: error:", {CSV: 'contactId,NAME\n12125550123,"Ada"Lovelace\n'}
    ),
    "Latin-1": Bad(
        f"{CSV}:2:16: error:", {CSV: "contactId,NAME\n12125550123,Ren\u00e9e\n".encode("latin-1")}
    ),
    "UTF-16": Bad(f"{CSV}:1:1: error:", {CSV: f"contactId,NAME\n{_ROW}".encode("utf-16")}),
    "a NUL byte": Bad(f"{CSV}:2:12: error:", {CSV: b"contactId,NAME\n12125550123\0,Ada\n"}),
    "a spreadsheet": Bad(f"{CSV}:1:1: error:", {CSV: b"PK\x03\x04" + bytes(500)}),
    "a compressed file": Bad(f"{CSV}:1:1: error:", {CSV: b"\x1f\x8b" + bytes(500)}),
    "a Git LFS pointer": Bad(
        f"{CSV}:1:1: error:", {CSV: "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"}
    ),
    "a line of 3 MB": Bad(f"{CSV}:2:1: error:", {CSV: f"contactId,NAME\n12125550123,{'x' * 3_000_000}\n"}),
    "10,000 bad rows": Bad(f"{CSV}:2:1: error:", {CSV: "contactId,NAME\n" + "1\n" * 10_000}, end="not shown"),
    "a mapping to a missing column": Bad(f"{BAD}:8:", columns("{contactId: phone}")),
    "a mapping of another endpoint": Bad(f"{BAD}:8:", columns("{phoneNumber: contactId}")),
    "a mapping that is a list": Bad(f"{BAD}:8:", columns("[contactId]")),
    "no number in a row": Bad(
        f"{CSV}:2:1: error [contact-identity]:", {CSV: "contactId,NAME\n,Ada\n"}, code=3
    ),
    "a word instead of a number": Bad(
        f"{CSV}:2:1: error [phone-number]:", {CSV: "contactId,NAME\nnone,Ada\n"}, code=3
    ),
    "one number with two names": Bad(
        f"{CSV}:3:1: error [duplicate-contact]:",
        {CSV: f"contactId,NAME\n{_ROW}+1 (212) 555-0123,Grace\n"},
        code=3,
    ),
}
