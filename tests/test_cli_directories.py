"""Files that sendspec reads in a project directory, and errors for those that it does not read."""

from __future__ import annotations

import pytest

from tests.projects import GATE, TEASER, lockfile, project, sendspec

MISPLACED = "campaigns/2026/spring.yaml"


def put(specs, name: str, text: str = TEASER):
    """Write one more file into a project; return its path."""
    path = specs / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("verb", ["validate", "plan", "apply"])
def test_a_campaign_in_a_subfolder_is_an_error(verb, tmp_path):
    """The error names the file and has a hint, and nothing of the project is sent."""
    specs = project(tmp_path / "specs", GATE)
    misplaced = put(specs, MISPLACED)
    words = ("--auto-approve",) if verb == "apply" else ()
    done = sendspec(verb, *words, where=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        f"specs/{MISPLACED}:1:1: error: this file is not read: campaigns/ must not contain subfolders\n"
        "  hint: move it to specs/campaigns/ itself, or start its name with a dot to ignore it\n"
    )
    misplaced.rename(specs / "campaigns" / "spring.yaml")
    assert sendspec(verb, *words, where=tmp_path).code == 0


@pytest.mark.parametrize("name", ["campaigns/a/b/c.YML", "campaigns/a.yaml/b.yml"])
def test_a_campaign_at_any_depth_with_any_suffix(name, tmp_path):
    """A file with any suffix of YAML is an error in a subfolder at any depth."""
    put(project(tmp_path / "specs", GATE), name)
    done = sendspec("validate", where=tmp_path)
    assert (done.code, f"specs/{name}:1:1: error: this file is not read" in done.err) == (1, True)


def test_all_problems_are_reported_together(tmp_path):
    """`validate` reports the folder without campaigns and each file in its subfolders."""
    specs = tmp_path / "specs"
    put(project(specs), MISPLACED)
    put(specs, "campaigns/2027/summer.yaml")
    done = sendspec("validate", where=tmp_path)
    assert done.code == 1
    assert "specs/campaigns:1:1: error: no campaigns found" in done.err
    assert f"specs/{MISPLACED}:1:1: error: " in done.err
    assert "specs/campaigns/2027/summer.yaml:1:1: error: " in done.err
    assert "3 problems in the specs" in done.err


def test_a_linked_folder_of_campaigns(tmp_path):
    """A link to a folder is an error, because sendspec would not read its files."""
    specs = project(tmp_path / "specs", GATE)
    put(tmp_path, "shared/spring.yaml")
    (specs / "campaigns" / "shared").symlink_to(tmp_path / "shared")
    done = sendspec("validate", where=tmp_path)
    assert done.code == 1
    assert "specs/campaigns/shared:1:1: error: this linked folder is not read\n" in done.err


def test_hidden_files_and_other_files_are_ignored(tmp_path):
    """Names with a leading dot, and files that are not YAML, are ignored."""
    specs = project(tmp_path / "specs", GATE)
    for name in ("campaigns/.old/a.yaml", "campaigns/.a.yaml", "campaigns/b/people.csv", "notes/b.yaml"):
        put(specs, name, "not: [a campaign")
    done = sendspec("validate", where=tmp_path)
    assert (done.code, done.err) == (0, "1 send of 1 campaign: 0 errors, 0 other findings\n")


def test_every_suffix_of_yaml_is_read(tmp_path):
    """Campaigns with `.yaml` or `.yml`, also in capitals, are sent."""
    specs = project(tmp_path / "specs")
    for at, ending in enumerate((".yaml", ".yml", ".YAML", ".Yml")):
        put(specs, f"campaigns/c{at}{ending}", GATE.replace("campaign: gate", f"campaign: gate-{at}"))
    assert sendspec("apply", "--auto-approve", where=tmp_path).code == 0
    assert sorted(lockfile(specs)["sends"]) == [f"gate-{at}/change" for at in range(4)]
