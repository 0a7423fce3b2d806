"""Scenarios of whole repositories, whose workflows `act` runs: from a pull request to a text message.

Each scenario compares the requests that the vendor accepted with the ledger, and reads what the jobs posted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import GATE
from tests.rehearsal.act import find
from tests.rehearsal.copies import copy_tree
from tests.rehearsal.stage import COMMIT, SOURCE, stage
from tests.test_workflows import PINNED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.rehearsal.stage import Stage

pytestmark = pytest.mark.skipif(find() is None, reason="act is not installed; it exists for Linux on x86-64")

GATE_FILE = "specs/campaigns/gate.yaml"


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """Return the copy of sendspec's repository that all scenarios use."""
    return copy_tree(tmp_path_factory.mktemp("sendspec"), SOURCE, COMMIT)


@pytest.fixture
def here(tmp_path, tree) -> Iterator[Stage]:
    """Yield an empty repository, its vendor, and GitHub's API."""
    with stage(tmp_path, tree) as it:
        yield it


OWN = f"""\
name: own
on: push
jobs:
  send:
    runs-on: ubuntu-24.04
    permissions: {{contents: write}}
    steps:
      - uses: actions/checkout@{PINNED["actions/checkout"][0]}
        with: {{persist-credentials: false}}
      - uses: {SOURCE}/.github/actions/sendspec@{COMMIT}
        with:
          verb: apply
          target: production
          arguments: --auto-approve
        env:
          SENDSPEC_CLIENT_ID: ${{{{ secrets.SENDSPEC_CLIENT_ID }}}}
          SENDSPEC_CLIENT_SECRET: ${{{{ secrets.SENDSPEC_CLIENT_SECRET }}}}
          SENDSPEC_REFRESH_TOKEN: ${{{{ secrets.SENDSPEC_REFRESH_TOKEN }}}}
"""


def test_the_action_in_a_workflow_of_ones_own(here):
    """A job applies; a job whose token may not push to the ledger sends nothing, and fails."""
    settings = {"specs/sendspec.yaml": here.settings("production")}
    here.hosted.commit("Start", {".github/workflows/own.yml": OWN, GATE_FILE: GATE, **settings})
    here.person("init", "--ledger", "--target", "production")
    sent = here.hosted.run(here.hosted.pushed(), "own.yml")
    assert (sent.results, sent.codes) == ({"send": "success"}, []), sent.log
    assert "2 of 2 recipients accepted" in sent.output
    raised = GATE.replace("- id", "- revision: 2\n    id").replace("flight now", "flight")
    reading = OWN.replace("contents: write", "contents: read")
    here.hosted.commit("Without the permission", {".github/workflows/own.yml": reading, GATE_FILE: raised})
    refused = here.hosted.run(here.hosted.pushed(), "own.yml")
    assert (refused.results, refused.codes) == ({"send": "failure"}, [1])
    assert "The requested URL returned error: 403" in refused.output
    assert "1 request not started" in refused.output
    assert here.check("production") == 1
