"""`sendspec schema`: the schemas as shipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from sendspec.schema import NAMES

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"


@pytest.mark.parametrize("name", NAMES)
def test_schemas(name, cli, tmp_path):
    """Each schema is printed exactly as in `schemas/`, to standard output or to a file."""
    shipped = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    done = cli("schema", name)
    assert (done.code, done.out, done.err) == (0, shipped, "")
    assert cli("schema", name, "-o", "schema.json").out == ""
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == shipped


def test_help_and_folder_name_the_same_schemas(cli):
    """Help, folder and hint list all schemas."""
    assert {path.name for path in SCHEMAS.iterdir()} == {f"{name}.schema.json" for name in NAMES}
    # The help may break a line at any hyphen.
    text = "".join(cli("schema", "--help").out.split())
    assert f"Names:{','.join(NAMES)}." in text
    assert f"hint: choose one of: {', '.join(NAMES)}" in cli("schema", "zzz").err
