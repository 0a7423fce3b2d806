"""Search of a text for many patterns in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def joint_search(*patterns: str) -> Callable[[str], bool]:
    """Return a function that returns whether a text has a part that one of the patterns matches.

    Patterns have the syntax of Rust's `regex`, without backreferences and assertions about other characters.
    Its engine searches for all of them in time that is linear in the text, ten times as fast as `re`.
    """
    # Only a verb that checks specs needs the engine, and it has imported it for the schemas.
    from jsonschema_rs import Draft202012Validator, RegexOptions  # noqa: PLC0415

    return Draft202012Validator({"pattern": "|".join(patterns)}, pattern_options=RegexOptions()).is_valid
