"""Texts that carriers block, or that people cannot use: opt-out, links, dates, brands, restricted words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.projects import project


def found(text: str, cli, *, settings: str = "", more: str = "") -> list[str]:
    """Return level, rule, reason and column of the findings about one marketing text, without others."""
    project(
        Path("specs"),
        "campaign: sale\npurpose: marketing\nsends:\n  - id: text\n    endpoint: contacts\n"
        f"    channelQualifier: '1'\n    content: {json.dumps(text)}\n"
        f'    contacts: [{{contactId: "12125550101"}}]\n    ttlInMinutes: 60\n{more}',
        settings=f"version: 1\n{settings}",
    )
    report = json.loads(cli("validate", "--format", "json").out)["findings"]
    keys = ("level", "rule", "reason", "column")
    return [" ".join(str(each[key]) for key in keys) for each in report]


@pytest.mark.field_case(36)
@pytest.mark.parametrize(
    "text", ["Acme: non-stop savings!", "Acme: Stop by our store. Reply YES", "Acme: 20% auf alles!"]
)
def test_marketing_without_an_opt_out_is_an_error(text, cli):
    """A keyword by accident does not count, and apply sends nothing until the text has an instruction."""
    assert found(text, cli) == ["error opt-out-missing missing 14"]
    assert cli("apply", "--auto-approve").code == 3
    assert found(f"{text} Txt STOP 2 end", cli) == []


LINKS = {
    "Acme: https://bit.ly/3x STOP to end": ["error public-shortener shortener 21"],
    "Acme: open today.Shop now. STOP to end": ["warning link accidental 26"],
    "Acme: acme.com/saleReply STOP to end": ["warning link glued 21"],
    "Acme: http://acme.com/x STOP to end": ["warning link http 21"],
}


@pytest.mark.field_case(37)
@pytest.mark.parametrize(("text", "findings"), LINKS.items(), ids=LINKS)
def test_a_link_that_does_not_work_is_found_at_its_character(text, findings, cli):
    """The column is that of the link in the file."""
    assert found(text, cli) == findings


DATES = {
    "Acme: 20% off until 31 May 2020. STOP to end": ["warning stale-date past 35"],
    "Acme: party on Friday, 13 June 2099. STOP to end": ["warning stale-date weekday 30"],
    "Acme: bis 31.12.2020. Abmelden: STOP": ["warning stale-date past 25"],
}


@pytest.mark.field_case(38)
@pytest.mark.parametrize(("text", "findings"), DATES.items(), ids=DATES)
def test_a_date_that_is_over_or_on_another_day_is_a_warning(text, findings, cli):
    """Years are written, so that the case is the same on each day."""
    assert found(text, cli) == findings


BRANDS = {
    "20% off. STOP to end": ["warning brand-missing missing 14"],
    "ACME: 20% off. STOP to end": [],
    "20% off: acme.com STOP to end": [],
    "Acme: free vodka. STOP to end": ["warning restricted-content alcohol 26"],
}


@pytest.mark.field_case(39)
@pytest.mark.parametrize(("text", "findings"), BRANDS.items(), ids=BRANDS)
def test_a_text_without_its_brand_or_with_a_restricted_word_is_a_warning(text, findings, cli):
    """The brand is a setting of the project."""
    assert found(text, cli, settings="brand: Acme\n") == findings
