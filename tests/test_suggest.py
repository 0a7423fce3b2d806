"""Suggestions for misspelt names."""

from __future__ import annotations

import pytest

from sendspec.suggest import closest, did_you_mean

KNOWN = ("contentId", "channelQualifier", "First Name", "schedule")


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("contntId", "contentId"),
        ("CONTENTID", "contentId"),
        (" first name ", "First Name"),
        ("scedule", "schedule"),
        ("xyz", None),
        ("", None),
    ],
)
def test_closest_name(name: str, match: str | None) -> None:
    """The closest known name is returned as it is written, ignoring case and spaces around it."""
    assert closest(name, KNOWN) == match
    assert did_you_mean(name, KNOWN) == (None if match is None else f"did you mean {match!r}?")


def test_work_is_bounded() -> None:
    """A very long name has no match, and only the first 500 names are compared."""
    assert closest("a" * 65, ["a" * 65]) is None
    assert closest("b", (str(number) for number in range(500))) is None
    assert closest("b", [*map(str, range(499)), "b"]) == "b"
    assert closest("b", [*map(str, range(500)), "b"]) is None
