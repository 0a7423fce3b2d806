"""Former addresses of renamed sends, which `formerly` lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.load.address_values import address_key, value_text
from sendspec.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import Send
    from sendspec.render.string_renderer import StringRenderer
    from sendspec.selection import Selection

_NAME: Final = "[a-z0-9]+(?:-[a-z0-9]+)*"
_ADDRESS: Final = lazy_pattern(rf"{_NAME}/{_NAME}(?:\[[^\[\]#/]+\])?")


def find_former_addresses(renderer: StringRenderer, address: str, rendered: Sequence[str]) -> tuple[str, ...]:
    """Return the former addresses of a rendered send, or add a problem for each that is not an address.

    Blank texts, which a template renders for the other values of a matrix, and the send's own address
    are omitted.
    """
    former: dict[str, None] = {}
    for index, text in enumerate(rendered):
        name = value_text(text.strip())
        if renderer.has_problem("formerly", index) or not name or address_key(name) == address_key(address):
            continue
        if _ADDRESS.fullmatch(name) is None:
            message = f"{name[:60]!r} is not the address of a send"
            hint = "write it as campaign/send or campaign/send[value]"
            renderer.add_problem(("formerly", index), message, hint)
            continue
        former[name] = None
    return tuple(former)


def with_values(former: str, address: str) -> str:
    """Return a former address without values with the values of the current one."""
    bracket = address.find("[")
    return former if bracket < 0 or "[" in former else former + address[bracket:]


def former_address_problems(sends: Sequence[Send], selection: Selection) -> Iterator[Problem]:
    """Yield a problem for each former address of a selected send that another send has, or claims."""
    renamed = [send for send in sends if send.formerly]
    present = {address_key(send.address): send for send in sends} if renamed else {}
    claimed: dict[tuple[str, tuple[str, ...]], Send] = {}
    for send in renamed:
        for former in send.formerly:
            other = present.get(address_key(former)) or present.get(
                address_key(with_values(former, send.address))
            )
            location = send.locations.of("formerly")
            if other is not None and other is not send and selection.includes(send.address):
                yield Problem(
                    location,
                    f"the send {former} is still in the specs ({other.locations.root})",
                    "remove the other send, or give this one an id that no send had and remove `formerly`",
                )
            rival = claimed.setdefault(address_key(former), send)
            if rival.locations is not send.locations and selection.includes(send.address):
                yield Problem(
                    location,
                    f"{former} is also a former address of {rival.address} ({rival.locations.root})",
                    "keep it in the `formerly` of the send that was renamed",
                )
