"""The page of a plan in a real Chromium: read, switched, filtered and printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sendspec.report.page import plan_page
from tests.browser import DESKTOP, PHONE, chromium, missing_part, opened
from tests.page_projects import plan_at, write_project
from tests.projects import project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.skipif(missing_part() is not None, reason=str(missing_part()))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> str:
    """Write the page of the project, and return its address."""
    folder = tmp_path_factory.mktemp("page")
    write_project(folder / "specs")
    return write(folder, plan_page(plan_at(folder / "specs")))


def write(folder: Path, html: str) -> str:
    path = folder / "plan.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize(("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)])
def test_the_page_is_accessible_and_quiet(browser, url, scheme, size):
    """axe-core finds no violation, nothing is wider than the window, and no request goes to any server."""
    with opened(browser, url, scheme=scheme, size=size) as tab:
        tab.page.evaluate("document.querySelectorAll('details').forEach((item) => { item.open = true })")
        assert tab.violations() == []
        assert not tab.overflows()
        assert (tab.messages, tab.requests) == ([], [url])
        tab.picture(f"plan-{size['width']}-{scheme}")


def test_recipients_are_switched_by_keyboard_without_a_script(browser, url):
    """The arrow keys show the text to the next recipient; the filter, which needs a script, is hidden."""
    with opened(browser, url, script=False) as tab:
        card = tab.page.locator("details.send", has_text="april-boots/final[en-us]").first
        labels = card.locator(".switch > label").all_inner_texts()
        assert len(labels) >= 3
        first = card.locator(".bubble:visible").inner_text()
        card.locator(".switch > input").first.focus()
        tab.page.keyboard.press("ArrowRight")
        assert card.locator(".bubble:visible").count() == 1
        assert card.locator(".bubble:visible").inner_text() != first
        card.locator(".switch > label").last.click()
        assert card.locator(".pane:visible .notes").count() == 1
        assert not tab.page.locator(".filter").is_visible()
        assert tab.page.locator("h1").inner_text().startswith("Not ready")


def test_a_costly_character_has_its_reason(browser, url):
    """A character that makes a text UCS-2 is marked, and the reason is visible below the bubble."""
    with opened(browser, url) as tab:
        card = tab.page.locator("details.send", has_text="april-boots/final[en-us]").first
        assert card.locator(".bubble:visible mark").inner_text().startswith("\u2019")
        assert "write ' instead" in card.locator(".notes:visible").inner_text()


def test_texts_from_right_to_left_keep_their_direction(browser, url):
    """A bubble takes the direction of its first strong letter, and emoji stay whole."""
    with opened(browser, url) as tab:
        card = tab.page.locator("details.send", has_text="april-boots/final[ar-us]").first
        bubble = card.locator(".bubble:visible")
        assert bubble.get_attribute("dir") == "auto"
        assert "👩‍👩‍👧" in bubble.text_content()


def test_the_filter_shows_the_sends_with_a_word(browser, url):
    """A word hides the other sends, here and in the schedule; their number is announced."""
    with opened(browser, url) as tab:
        tab.page.get_by_label("Filter", exact=True).fill("BUNNY")
        assert tab.page.locator("details.send:visible h3").all_inner_texts() == ["easter/later"]
        assert tab.page.locator(".event:visible a").all_inner_texts() == ["easter/later"]
        assert tab.page.locator("output").inner_text() == "1 of 5 sends"
        tab.page.get_by_label("Filter", exact=True).fill("")
        tab.page.get_by_label("only with findings").check()
        assert "easter/push" not in tab.page.locator("details.send:visible h3").all_inner_texts()


def test_print_opens_every_fold(browser, url):
    """The PDF has pages, and on paper each folded part and each text is visible."""
    with opened(browser, url) as tab:
        properties = tab.page.locator(".payload")
        assert not properties.first.is_visible()
        document = tab.page.pdf()
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", document)) > 0
        tab.page.emulate_media(media="print")
        hidden = tab.page.evaluate(
            "[...document.querySelectorAll('.payload, .bubble, .hint')].filter((item) =>"
            " !item.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})).length"
        )
        assert hidden == 0
        assert not tab.page.locator(".filter").is_visible()


_VISIBLE_TEXT = """(bubble) => {
  const copy = bubble.cloneNode(true);
  copy.querySelectorAll(".cut").forEach((mark) => mark.remove());
  return copy.textContent;
}"""
HOSTILE = (
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "</style><script>window.hit=1</script>",
    "' autofocus onfocus=window.hit=1 x='",
    "&lt;b&gt; &#60;i&#62;",
    "{{'{{'}} 7 * 7 }}",
    "<svg/onload=window.hit=1>",
)


def test_hostile_texts_are_inert(browser, tmp_path):
    """Texts with scripts, styles, attributes and entities are shown as they are, and do nothing."""
    text = "".join(HOSTILE).replace('"', "'")
    campaign = (
        'campaign: sale\npurpose: transactional\nowner: "<b>Ann</b>"\nsends:\n  - id: one\n'
        f'    endpoint: external-consent\n    channelQualifier: "<i>148372</i>"\n    content: "{text}"\n'
        '    contacts: [{phoneNumber: "12125550123"}]\n'
    )
    project(tmp_path / "specs", campaign)
    with opened(browser, write(tmp_path, plan_page(plan_at(tmp_path / "specs")))) as tab:
        bubble = tab.page.locator(".bubble").evaluate(_VISIBLE_TEXT)
        assert "<script>window.hit=1</script>" in bubble
        assert "&lt;b&gt; &#60;i&#62;{{ 7 * 7 }}" in bubble
        assert tab.page.evaluate("window.hit") is None
        assert tab.page.locator("main script, main img, main svg[onload], main style").count() == 0
        assert (tab.messages, len(tab.requests)) == ([], 1)
