"""The recipes of docs/cookbook.md: each is a whole project without a finding."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
from ruamel.yaml import YAML

from tests.servers import ScriptedServer, response, serving

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "cookbook.md"
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
        done = cli(verb, str(tmp_path / "specs"), "--contacts-dir", tmp_path / "specs" / "bucket")
        assert (done.code, "warning [" in done.out) == (0, False), f"{done.out}\n{done.err}"


def test_the_recipes_are_those_that_have_a_campaign():
    """Files without a campaign are never checked, so a typo in a name of a file must not hide one."""
    assert len(RECIPES) == len(re.findall(r"^campaign: ", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_step_fetches_the_lists_of_the_recipe(tmp_path, cli, monkeypatch):
    """Both jobs run the same script, which gets the lists with the token and without it nothing."""
    title = "A list that a step fetches"
    section = PAGE.read_text(encoding="utf-8").partition(f"## {title}\n")[2]
    workflow = YAML(typ="safe").load(re.findall(r"```yaml\n(# \.github.*?)```", section, re.DOTALL)[0])
    steps = {name: job["steps"] for name, job in workflow["jobs"].items()}
    scripts = {step["run"] for job in steps.values() for step in job if "run" in step}
    checkouts = {step["uses"] for job in steps.values() for step in job if "checkout" in step.get("uses", "")}
    assert all(checkout in (ROOT / ".github/workflows/plan.yml").read_text() for checkout in checkouts)
    [script] = scripts
    for name, text in RECIPES[title].items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    store = serving(lambda request: response(200, (tmp_path / "bucket" / request.path[1:]).read_bytes()))
    with ScriptedServer((store, store)) as server:
        environment = {"PATH": os.environ["PATH"], "RUNNER_TEMP": f"{tmp_path}/temp"}
        environment |= {"LISTS_URL": f"http://127.0.0.1:{server.port}", "LISTS_TOKEN": "read-only"}
        subprocess.run(["bash", "-eo", "pipefail", "-c", script], check=True, env=environment)
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer read-only"] * 2
    monkeypatch.setenv("SENDSPEC_CONTACTS_DIR", f"{tmp_path}/temp/contacts")
    done = cli("plan", tmp_path)
    assert (done.code, "list-absent" in done.out, "1 excluded" in done.out) == (0, False, True)
