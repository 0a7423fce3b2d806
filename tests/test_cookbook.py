"""The recipes of docs/cookbook.md: each is a whole project without a finding."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

PAGE: Final = Path("docs/cookbook.md")
_FILE: Final = re.compile(r"^`(\S+)`:\n\n```(?:yaml|csv)\n(.*?)```", re.DOTALL | re.MULTILINE)


def recipes() -> dict[str, dict[str, str]]:
    """Return the files of each recipe that has a campaign, with the settings and lists of the first one."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    files = {section.partition("\n")[0]: dict(_FILE.findall(section)) for section in sections}
    shared = {name: text for name, text in next(iter(files.values())).items() if "campaigns/" not in name}
    return {title: shared | own for title, own in files.items() if any("campaigns/" in name for name in own)}


RECIPES: Final = recipes()


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_has_no_finding(title, tmp_path, cli):
    """Its files are a project that `validate` and `plan` accept without an error or a warning."""
    for name, text in RECIPES[title].items():
        path = tmp_path / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for verb in ("validate", "plan"):
        done = cli(verb, str(tmp_path / "specs"))
        assert (done.code, "warning [" in done.out) == (0, False), f"{done.out}\n{done.err}"


def test_the_recipes_are_those_that_have_a_campaign():
    """Files without a campaign are never checked, so a typo in a name of a file must not hide one."""
    assert len(RECIPES) == len(re.findall(r"^campaign: ", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
