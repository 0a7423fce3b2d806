"""What texts say: tables of texts in seven languages, with and without each defect."""

from __future__ import annotations

from pathlib import Path

import pytest

from sendspec.text_content import has_opt_out

TEXTS = Path(__file__).parent / "texts"


def texts(name: str) -> list[str]:
    """Return the texts of a table, without comments."""
    lines = (TEXTS / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


GOOD = texts("good.txt")
MARKETING = [line[2:] for line in GOOD if line.startswith("m ")]


@pytest.mark.parametrize("text", MARKETING)
def test_a_believable_opt_out_instruction_is_found(text):
    """Each marketing text has one, in its own language and wording, also in capitals."""
    assert has_opt_out(text)
    assert has_opt_out(text.upper())


@pytest.mark.parametrize("text", texts("opt_out_missing.txt"))
def test_a_word_without_an_instruction_is_not_an_opt_out(text):
    """Words such as stop and end occur by accident."""
    assert not has_opt_out(text)
    assert has_opt_out(f"{text} Reply STOP to opt out.")


def test_words_of_the_project_count_as_whole_words():
    """They are compared without case and accents, and not within other words."""
    assert has_opt_out("Acme: rea! Avsluta med SLUTA", ("sluta",))
    assert has_opt_out("Acme: prosze - WYPISZ", ("Wypisz",))
    assert not has_opt_out("Acme: avsluta", ("sluta",))
