"""The generated pages of docs/reference are current."""

from __future__ import annotations

import pytest

from tests.reference_pages import FOLDER, commands_page, specs_page


@pytest.mark.parametrize(("name", "page"), [("specs.md", specs_page), ("commands.md", commands_page)])
def test_a_page_is_current(name, page):
    """`python -m tests.reference` writes the page from the schemas and the help of the verbs."""
    assert (FOLDER / name).read_text(encoding="utf-8") == page(), "run `python -m tests.reference`"
