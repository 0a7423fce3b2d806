"""Which files of a project directory are read, and what is said of those that are not."""

from __future__ import annotations

import pytest

from tests.projects import GATE, TEASER, lockfile, project, sendspec

LOST = "campaigns/2026/spring.yaml"


def put(specs, name: str, text: str = TEASER):
    """Write one more file into a project."""
    path = specs / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("verb", ["validate", "plan", "apply"])
def test_a_campaign_in_a_folder_of_campaigns_is_never_left_out_silently(verb, tmp_path):
    """It is an error at the file, with the way out, and nothing of the project is sent."""
    specs = project(tmp_path / "specs", GATE)
    lost = put(specs, LOST)
    words = ("--auto-approve",) if verb == "apply" else ()
    done = sendspec(verb, *words, where=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        f"specs/{LOST}:1:1: error: this file is not read: campaigns/ must not contain subfolders\n"
        "  hint: move it to specs/campaigns/ itself, or start its name with a dot to ignore it\n"
    )
    lost.rename(specs / "campaigns" / "spring.yaml")
    assert sendspec(verb, *words, where=tmp_path).code == 0


@pytest.mark.parametrize("name", ["campaigns/a/b/c.YML", "campaigns/a.yaml/b.yml"])
def test_however_deep_and_however_spelt(name, tmp_path):
    """Every ending that is read in `campaigns/` is missed below it, at any depth."""
    put(project(tmp_path / "specs", GATE), name)
    done = sendspec("validate", where=tmp_path)
    assert (done.code, f"specs/{name}:1:1: error: this file is not read" in done.err) == (1, True)


def test_every_problem_is_told_at_once(tmp_path):
    """A folder that holds nothing but folders of campaigns is told as well as each file in them."""
    specs = tmp_path / "specs"
    put(project(specs), LOST)
    put(specs, "campaigns/2027/summer.yaml")
    done = sendspec("validate", where=tmp_path)
    assert done.code == 1
    assert "specs/campaigns:1:1: error: no campaigns found" in done.err
    assert f"specs/{LOST}:1:1: error: " in done.err
    assert "specs/campaigns/2027/summer.yaml:1:1: error: " in done.err
    assert "3 problems in the specs" in done.err


def test_a_linked_folder_of_campaigns(tmp_path):
    """A link to a folder, whose files would not be read either, is an error where it stands."""
    specs = project(tmp_path / "specs", GATE)
    put(tmp_path, "shared/spring.yaml")
    (specs / "campaigns" / "shared").symlink_to(tmp_path / "shared")
    done = sendspec("validate", where=tmp_path)
    assert done.code == 1
    assert "specs/campaigns/shared:1:1: error: this linked folder is not read\n" in done.err


def test_drafts_and_files_of_other_kinds_are_left_alone(tmp_path):
    """What begins with a dot, and what is no YAML, is nothing to sendspec wherever it lies."""
    specs = project(tmp_path / "specs", GATE)
    for name in ("campaigns/.old/a.yaml", "campaigns/.a.yaml", "campaigns/b/people.csv", "notes/b.yaml"):
        put(specs, name, "not: [a campaign")
    done = sendspec("validate", where=tmp_path)
    assert (done.code, done.err) == (0, "1 send of 1 campaign: 0 errors, 0 other findings\n")


def test_every_spelling_of_the_ending_is_read(tmp_path):
    """`.yaml`, `.yml` and either in capitals are campaigns, and all of them are sent."""
    specs = project(tmp_path / "specs")
    for at, ending in enumerate((".yaml", ".yml", ".YAML", ".Yml")):
        put(specs, f"campaigns/c{at}{ending}", GATE.replace("campaign: gate", f"campaign: gate-{at}"))
    assert sendspec("apply", "--auto-approve", where=tmp_path).code == 0
    assert sorted(lockfile(specs)["sends"]) == [f"gate-{at}/change" for at in range(4)]
