"""Local times on a page: the rows of a card, and where in a day each is."""

from __future__ import annotations

import pytest

from sendspec.report.page.local_hours import local_time_views
from sendspec.report.review import review_plan
from tests.page_projects import plan_at, write_project
from tests.projects import project

PARIS = """\
campaign: paris
purpose: marketing
sends:
  - id: sale
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: 20% off ends tonight. Reply STOP to opt out."
    contacts:
      file: ../contacts/zones.csv
      columns: {contactId: phone, timezone: zone}
    notBefore: "INSTANT"
"""


@pytest.fixture(scope="module")
def sends(tmp_path_factory):
    """Return the reviews of the sends of the project by address."""
    folder = tmp_path_factory.mktemp("page")
    write_project(folder / "specs")
    return {send.address: send for send in review_plan(plan_at(folder / "specs")).sends}


def rows(send):
    return [
        (view.zones, view.people, view.time, view.verdict, view.legal_from)
        for view in local_time_views(send.local_times)
    ]


def at(tmp_path, instant: str, zone: str):
    """Return the reviews of a send to five people in a zone at an instant."""
    specs = project(tmp_path / "specs", PARIS.replace("INSTANT", instant))
    people = "".join(f"1212555010{index},{zone}\n" for index in range(5))
    (specs / "contacts" / "zones.csv").write_text(f"phone,zone\n{people}")
    return review_plan(plan_at(specs)).sends


def test_people_are_counted_by_local_time_from_west_to_east(sends):
    """At 02:00 in New York it is legal in Hawaii only, where it is 20:00 on the day before."""
    night = ("not legal", "legal from Wed 08:00")
    assert rows(sends["april-boots/final[en-us]"]) == [
        ("Hawaii", "10", "Tue 20:00", "", ""),
        ("Pacific", "20", "Tue 23:00", *night),
        ("Mountain", "20", "Wed 00:00", *night),
        ("Central", "20", "Wed 01:00", *night),
        ("Eastern", "30", "Wed 02:00", *night),
    ]


def test_a_state_has_narrower_hours(sends):
    """Florida allows texts from 8:00 to 20:00, so the hours of its row are shorter than usual."""
    views = [*local_time_views(sends["april-boots/final[es-us]"].local_times)]
    assert [view.windows for view in views if view.people == "40"] == [((8.0, 12.0),)]


def test_a_contact_source_has_rows_without_people(sends):
    """Only the vendor knows how many people of a contact source are in the declared zone."""
    assert rows(sends["easter/push"]) == [("Eastern", "", "Thu 14:00", "", "")]


def test_the_marker_is_at_the_hour(tmp_path):
    """At 12:30 UTC it is 14:30 in Paris, which is 14.5 hours into the day."""
    [send] = at(tmp_path, "2036-04-02T12:30:00Z", "Europe/Paris")
    [view] = local_time_views(send.local_times)
    assert (view.time, view.marker) == ("Wed 14:30", (14.5, 0.0))
