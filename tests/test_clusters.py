"""Marks in a comment keep what a reader sees as one character whole."""

from __future__ import annotations

import pytest

from sendspec.report.comment import plan_markdown
from tests.plans import plan_specs
from tests.projects import GATE, project


@pytest.mark.parametrize("cluster", ["e\u0301", "\U0001f469\u200d\U0001f680"])
@pytest.mark.parametrize("before", range(66, 69))
def test_a_cut_is_before_the_cluster_that_it_splits(tmp_path, monkeypatch, cluster, before):
    """A segment may end between a letter and its accent; the scissors come before both."""
    monkeypatch.chdir(tmp_path)
    text = "\u4f60" + "a" * (before - 1) + cluster + "b" * 10
    project(tmp_path / "specs", GATE.replace("Acme: your flight now leaves from gate %%GATE%%.", text))
    comment = plan_markdown(plan_specs(), "specs")
    assert cluster in comment
    assert comment.count("\u2702") == 1
