"""What a person reads of the example in specs/: its plan in each format, and its receipt and deliveries."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sendspec.report.formats import PLAN_FORMAT_NAMES, View, plan_texts
from tests.page_projects import plan_at
from tests.projects import sendspec
from tests.snapshots import EXTENSIONS, Text, stable

SPECS = Path(__file__).resolve().parents[1] / "specs"
NOW = datetime(2036, 3, 18, 15, 30, tzinfo=UTC)
"""A legal hour in all zones of its recipients, because sends start immediately and show local times."""


def copy_example(where: Path) -> None:
    shutil.copytree(SPECS, where / "specs", ignore=shutil.ignore_patterns(".sendspec", "*.lock", "*.journal"))


@pytest.fixture(scope="module")
def documents(tmp_path_factory) -> dict[str, str]:
    """Plan the example once, and return it in each format."""
    with pytest.MonkeyPatch.context() as patch:
        where = tmp_path_factory.mktemp("example")
        copy_example(where)
        patch.chdir(where)
        texts = plan_texts(plan_at(Path("specs"), NOW), View(), lambda findings: findings)
        return {name: text() for name, text in texts.items()}


@pytest.mark.parametrize("form", PLAN_FORMAT_NAMES)
def test_the_plan_of_the_example(form, documents, snapshot):
    """Each format shows the plan of the example."""
    assert stable(documents[form]) == snapshot(extension_class=EXTENSIONS[form])


def test_the_example_after_it_was_sent(tmp_path, snapshot):
    """The comment of apply, and the comment of status that replaces it."""
    copy_example(tmp_path)
    for name, words in {
        "apply": ("apply", "--auto-approve"),
        "status": ("status", "--interval", "0.1"),
    }.items():
        done = sendspec(*words, "--format", f"markdown={name}.md", where=tmp_path)
        assert done.code == 0, done.err
        comment = (tmp_path / f"{name}.md").read_text(encoding="utf-8")
        assert comment == snapshot(name=name, extension_class=Text)
