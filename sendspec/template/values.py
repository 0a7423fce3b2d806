"""What a template works on: the errors it ends with, the work it may do, and how values are read.

Values are JSON's: text, whole and decimal numbers, true and false, null, lists, maps; and `Loop`.
Nothing here ever looks at a Python attribute of a value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sendspec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

STEPS: Final = 50_000
"""The most work one rendering may do: a step is an operation, an item, or a character handled."""

LARGEST: Final = 2**63 - 1
"""The largest whole number, either way: the API's own numbers are 64-bit."""

_LONGEST_DECIMAL: Final = 15
_DEEPEST: Final = 32
_LONGEST_NAME: Final = 60
_MOST_NAMES: Final = 20
_MOST_COMPARED: Final = 500


class TemplateError(Exception):
    """Why a text cannot be rendered, and in `hint` the way out.

    `line` counts from 1 within the template; None where the reader gave up before it knew.
    """

    def __init__(self, message: str, *, hint: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line


@dataclass(frozen=True, slots=True)
class Undefined:
    """What is not there: harmless for `default` and `is defined`, an error for everything else."""

    message: str
    asked: str = ""
    known: Iterable[str] = ()
    heading: str = ""

    def error(self) -> TemplateError:
        """Give the error that using it is; looking for the nearest name waits until here."""
        return TemplateError(self.message, hint=which(self.asked, self.known, self.heading))


class Budget:
    """The work one rendering may still do; charged before the work is done, never after."""

    __slots__ = ("left",)

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def charge(self, steps: int) -> None:
        """Take `steps` off, or raise TemplateError where fewer are left."""
        if steps > self.left:
            self.left = 0
            message = f"the template does too much: more than {STEPS:,} steps of work"
            raise TemplateError(message, hint="walk shorter lists, or build shorter texts")
        self.left -= steps


def is_number(value: object) -> bool:
    """Tell numbers from everything else; true and false are no numbers here."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def kind(value: object) -> str:
    """Name what `value` is, as a sentence's object."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, bool):
        return "true or false"
    if is_number(value):
        return "a number"
    if isinstance(value, Mapping):
        return "a map"
    return "a list" if isinstance(value, (list, tuple)) else "a loop"


def text(value: object, what: str) -> str:
    """Give `value` as it is printed; `what` names it in the refusal of what has no one spelling."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return _number_text(number(value, what), what)
    raise TemplateError(f"{what} prints {kind(value)}", hint=_printing_hint(value))


def _printing_hint(value: object) -> str:
    if value is None:
        return "give it a value, or test it: {% if x is not none %}"
    if isinstance(value, Mapping):
        return "print one of its values, as in {{ map.key }}"
    if not isinstance(value, (list, tuple)):
        return "print one of its fields, as in {{ loop.index }}"
    return "print one of its items, or all of them: {{ list|join(', ') }}"


def _number_text(value: float, what: str) -> str:
    spelled = repr(value)
    if isinstance(value, int):
        return spelled
    if "e" in spelled or sum(ch.isdigit() for ch in spelled) > _LONGEST_DECIMAL:
        hint = "say how many decimals are meant: {{ price|fixed(2) }}"
        raise TemplateError(f"{what} prints {spelled}", hint=hint)
    return spelled


def number(value: Any, what: str, *, hint: str | None = None) -> Any:
    """Give `value` if it is a number of bounded size, else raise TemplateError."""
    if not is_number(value):
        raise TemplateError(f"{what} must be a number, not {kind(value)}", hint=hint or _number_hint(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TemplateError(f"{what} is not a finite number")
    elif not -LARGEST <= value <= LARGEST:
        raise TemplateError(f"{what} is larger than the 64 bits of the API's numbers")
    return value


def _number_hint(value: object) -> str | None:
    return "turn it into one: {{ x|int }} or {{ x|float }}" if isinstance(value, str) else None


def whole(value: Any, what: str, *, least: int = -LARGEST, most: int = LARGEST) -> int:
    """Give `value` if it is a whole number from `least` to `most`, else raise TemplateError."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TemplateError(f"{what} must be a whole number, not {kind(value)}")
    if not least <= value <= most:
        raise TemplateError(f"{what} must be from {least} to {most}")
    return value


def items(value: Any, what: str) -> list[Any]:
    """Give the items of a list, or the keys of a map in their own order, else raise TemplateError.

    A map has no order that its author can see being kept, so its keys are sorted: a formatter that
    reorders a file never changes what is sent.
    """
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, Mapping):
        return sorted(value, key=str)
    hint = "its characters are {{ text|list }}" if isinstance(value, str) else None
    raise TemplateError(f"{what} must be a list, not {kind(value)}", hint=hint)


def lookup(value: Any, key: Any) -> Any:
    """Give what is at `key` of a map, list or text, else Undefined; Python attributes do not exist."""
    there_is_no = f"there is no {_shown(key)} in {kind(value)}"
    if isinstance(value, Mapping):
        if isinstance(key, str) and key in value:
            return value[key]
        return Undefined(there_is_no, str(key), value, "it has")
    if not isinstance(value, (list, tuple, str)) or not isinstance(key, int) or isinstance(key, bool):
        return Undefined(there_is_no)
    if not -len(value) <= key < len(value):
        return Undefined(f"{there_is_no} of {len(value)}")
    return value[key]


def _shown(key: object) -> str:
    if isinstance(key, str):
        return short(key)
    return f"item {key}" if isinstance(key, int) and -LARGEST <= key <= LARGEST else "such item"


def weight(value: Any) -> int:
    """Give how much there is in `value`, everything inside counted, stopping just above `STEPS`.

    A list of lists that hold one another twice is small in memory and endless to compare, so
    whatever looks inside a value is charged for this first. Raises TemplateError over 32 levels.
    """
    total = 0
    pending = [(value, 1)]
    while pending and total <= STEPS:
        found, depth = pending.pop()
        total += 1
        if isinstance(found, str):
            total += len(found)
        elif isinstance(found, (list, tuple, Mapping)):
            if depth > _DEEPEST:
                raise TemplateError(f"lists and maps are more than {_DEEPEST} levels deep here")
            inner = [*found, *found.values()] if isinstance(found, Mapping) else found
            total += len(inner)
            if total <= STEPS:
                pending.extend((each, depth + 1) for each in inner)
    return total


def which(name: str, known: Iterable[str], heading: str) -> str | None:
    """Give the hint for a name that is not among `known`: the nearest one, and which there are."""
    names = sorted(known)
    if not names:
        return None
    near = did_you_mean(name, names[:_MOST_COMPARED])
    listed = ", ".join(map(_clipped, names[:_MOST_NAMES])) + (", …" if len(names) > _MOST_NAMES else "")
    return f"{near + ' ' if near else ''}{heading}: {listed}"


def short(name: str) -> str:
    """Give `name` quoted, cut where it would drown the sentence."""
    return repr(_clipped(name))


def _clipped(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
