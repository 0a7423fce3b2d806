"""The limit of sends of a project, which bounds the time and the memory of a plan."""

from __future__ import annotations

import pytest

from sendspec.load.project import COMBINATIONS_MAX, SENDS_MAX
from tests.projects import GATE, project

AXES = (
    "{a: [0,1,2,3,4,5,6,7,8,9], b: [0,1,2,3,4,5,6,7,8,9], c: [0,1,2,3,4,5,6,7,8,9], d: [0,1,2,3,4,5,6,7,8,9]}"
)


def large(name: str, sends: int) -> str:
    """Return a campaign of several sends with a matrix of 10,000 each."""
    head, _, send = GATE.replace("campaign: gate", f"campaign: {name}").partition("  - id: change\n")
    return head + "".join(f"  - id: s{index}\n    matrix: {AXES}\n{send}" for index in range(sends))


@pytest.mark.red_team(22)
@pytest.mark.parametrize("sends", [(3,), (1, 2), (1, 1, 1)], ids=str)
def test_many_large_matrices_are_refused_before_they_are_rendered(sends, cli, tmp_path):
    """Matrices within their own limit are an error if the whole project has too many sends."""
    assert COMBINATIONS_MAX * 2 == SENDS_MAX
    project(tmp_path / "specs", *(large(f"c{index}", count) for index, count in enumerate(sends)), GATE)
    last = len(sends) - 1
    for words in (("validate",), ("plan",), ("plan", "--send", "gate")):
        done = cli(*words)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(
            f"specs/campaigns/c{last}.yaml:1:11: error: with this campaign the project has more than "
            "20,000 sends, the limit\n  hint: shorten a matrix, or split the project\n"
        )
