"""Generated contact files with every kind of defect, for the comparison of the two scans."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from sendspec.model import Audience, ContactFile, Endpoint, Location
from sendspec.structs import replace
from tests.audiences import from_text, us

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.model import Send

NUMBERS = [
    *("+{0}", "{0}", "{0}", "{0}", "00{0}", "{0}.0", "{0} ", " {0}", "({0})", "+{0}", "\u202a{0}\u202c"),
    *("{0}x3", "call Ann", "", "  ", "0", "00", "0{0}", "1.94925E+10", "{0}/{0}", "{0}0000000000", "\u0661"),
    *(
        "{0}0000000",
        "{0}00000000",
        "000{0}0000",
        "18446744073709551615",
        "18446744073709551616",
        "+ {0}",
        "++{0}",
    ),
]
FOREIGN = [
    *("447700900123", "07700900123", "7700900456", "+44 (0)7700 900789", "33639980012", "0639980012"),
    *("491511234567", "393123456789", "6465550123", "12045550123", "80012345678", "999", "5491123456789"),
]
VALUES = [
    *("Ann", "Bob", "Éloïse", "Łukasz", "Zoë", "李", "😀", "x" * 70, "я" * 90, "{{ name }}", "[NAME]"),
    *("nan", "Ann null", "test", "&#39;x", "Fran\u00c3\u00a7ois", "a\u200bb", "\ufeffAnn", "b\u0007c"),
    *("+1 212 555 0199", "2125550199123", "TODO: x", "www.example.com", "100%", "#N/A", "a\tb", "€uro"),
    *("O'Neil", "back\\slash", "Springfield", "A0001234", "v" * 500, "\u3000None", "\x85nan", "%%TAG%%"),
    *("None", "a@b.example", "  ", " ", "\x1c", "\u2028", "\ufffd", "FI\u0130XME", "example.org", "It's 5°"),
]
QUOTED = ['Ann "A" Lee', "Lee, Ann", "two\nlines", "two\r\nlines", "x\n12125550177,Eve", "cr\rcr", '"']
ZONES = ["America/New_York", "Europe/Paris", " Asia/Tokyo ", "", "  ", "EST5", "america/denver", "US/Eastern"]
CONTENTS = [
    "Acme: hi %%NAME%%, reply STOP to opt out.",
    "Acme: %%NAME%% %%NAME%% %%CODE%% and %%CITY%%" + " long" * 18,
    "%%NAME%%",
    "Привет, %%NAME%%",
    "Acme [%%CODE%%] €5" + "." * 140,
    "No tag at all.",
    "%%NAME%%" + " words" * 120 + "%%CITY%%",
    "Acme: hi %%NAME%%, it\u2019s on\u2026 Reply STOP." + " long" * 22,
    "Acme: n\u00e3o perca, %%NAME%%" + "!" * 41 + "%%CODE%%",
    "Acme \u2019%%CITY%%\u2019 \U0001f600" + " \U0001f600long" * 15,
    "%%NAME%%" + "\u20ac" * 75 + "%%CODE%%",
]


def dirty_sends(folder: Path, seed: int) -> list[Send]:
    """Return one to three sends that share one generated list."""
    chance = random.Random(seed)  # noqa: S311 - a seeded generator writes the same file each time
    endpoint = chance.choice([Endpoint.CONTACTS, Endpoint.EXTERNAL_CONSENT])
    own = endpoint.number_property
    names = [own, *chance.sample(["NAME", "CITY", "CODE", "notes", ""], chance.randrange(5))]
    columns: dict[str, Any] | None = None
    if chance.random() < 0.4:
        tags = {tag: tag for tag in ("NAME", "CITY", "CODE") if tag in names and chance.random() < 0.8}
        columns = (
            {own: "phone", "personalization": tags} if chance.random() < 0.9 else {"personalization": tags}
        )
        names[0] = "phone" if own in columns else own
    has_zones = columns is not None and chance.random() < 0.5
    if columns is not None and has_zones:
        names.append("zone")
        columns["timezone"] = "zone"
    chance.shuffle(names)
    zone_at = names.index("zone") if has_zones else None
    data = dirty_text(chance, names, names.index("phone" if columns and own in columns else own), zone_at)
    send = from_text(folder, data, columns=columns, endpoint=endpoint)
    if chance.random() < 0.3:
        send = replace(send, exclude=exclude_lists(folder, chance))
    if chance.random() < 0.2:
        send = replace(send, audience=Audience(countries=("GB",)))
    return [
        replace(send, address=f"sale/s{at}", payload=payload(chance), compact_content=compact(chance))
        for at in range(chance.choice([1, 1, 1, 3]))
    ]


def payload(chance: random.Random) -> dict[str, Any]:
    content: dict[str, Any] = {"content": chance.choice(CONTENTS)}
    if chance.random() < 0.5:
        content["personalizationDefaults"] = {"NAME": chance.choice(["there", "ß€", "я"])}
    if chance.random() < 0.1:
        content["contentId"] = "7"
    return content


def compact(chance: random.Random) -> str | None:
    return chance.choice(CONTENTS) if chance.random() < 0.2 else None


def exclude_lists(folder: Path, chance: random.Random) -> tuple[ContactFile, ...]:
    files = []
    for at in range(chance.choice([1, 2])):
        path = folder / f"opt-out-{at}.csv"
        name = chance.choice(["phoneNumber", "contactId"])
        rows = [number(chance) for _ in range(chance.randrange(12))]
        path.write_text(f"{name}\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        files.append(ContactFile(path, path.name, None, Location("specs/sendspec.yaml", 3 + at, 5)))
    return tuple(files)


def number(chance: random.Random) -> str:
    if chance.random() < 0.15:
        return chance.choice(FOREIGN)
    written = us(chance.randrange(100), chance.choice([212, 305, 204]))
    if chance.random() < 0.2:
        written = f"1{chance.randrange(2, 10)}{chance.randrange(10**9):09}"
    return chance.choice(NUMBERS).format(written) if chance.random() < 0.35 else written


def dirty_text(chance: random.Random, names: list[str], at: int, zone_at: int | None) -> bytes:
    """Return a file; about half of the files have no defect that refuses them."""
    is_broken = chance.random() < 0.4
    end = chance.choice(["\n", "\n", "\r\n", "\r"])
    rate = chance.choice([0, 0, 0.02, 0.2])
    quotes = chance.choice(["none", "needed", "all"])
    count = chance.choice([1500, 3000] if chance.random() < 0.06 else [0, 1, 3, 10, 30, 100])
    lines = [",".join(names)]
    pool = [number(chance) for _ in range(max(1, count // 2))]
    for row in range(count):
        cells = [chance.choice(VALUES[:4]) if chance.random() < 0.7 else "" for _ in names]
        if chance.random() < rate:
            cells = [chance.choice(VALUES) for _ in names]
        if quotes != "none" and chance.random() < rate / 2:
            cells[chance.randrange(len(names))] = chance.choice(QUOTED)
        is_new = count > 200 and chance.random() < 0.9
        cells[at] = f"1212{row:07}" if is_new else chance.choice(pool)
        if zone_at is not None:
            cells[zone_at] = chance.choice(ZONES)
        if chance.random() < rate / 4:
            cells = [chance.choice(["", " "]) for _ in names]
        lines.append(line(chance, cells, quotes, rate if is_broken else 0))
        if chance.random() < rate / 4:
            lines.append(chance.choice(["", " ", ",,", ","]) if is_broken else "," * (len(names) - 1))
    text = end.join(lines) + (end if chance.random() < 0.8 else "")
    if rate and chance.random() < 0.1:
        text = text.replace(end, chance.choice(["\r", "\n", "\r\n"]), chance.randrange(3))
    data = text.encode()
    if chance.random() < 0.2:
        data = b"\xef\xbb\xbf" + data
    if is_broken and chance.random() < 0.4:
        place = chance.randrange(len(data) + 1)
        odd = chance.choice([b"\0", b"\xff", b"\xc3", b'"', b' "x"', b"\n", b"\r", b"\r\r\n", b","])
        data = data[:place] + odd + data[place:]
    return data


def line(chance: random.Random, cells: list[str], quotes: str, rate: float) -> str:
    shown = [quoted(cell) if quotes == "all" or needs_quotes(cell) else cell for cell in cells]
    if chance.random() < rate / 4:
        shown = chance.choice(
            [[*shown, ""], [*shown, "x"], shown[:-1], ['"open', *shown], [' "x"', *shown[1:]]]
        )
    return ",".join(shown)


def needs_quotes(cell: str) -> bool:
    return any(character in cell for character in ',"\r\n')


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
