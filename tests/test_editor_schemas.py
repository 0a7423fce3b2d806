"""Schemas for editors: generated parts, examples, descriptions, and agreement with the checks of sendspec."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import validator_for

from sendspec.load.allowed_hosts import PODS, normalize_base_url
from sendspec.load.yaml_parser import parse_document
from sendspec.load.yaml_values import Converter, SchemaTypes, schema_types
from sendspec.model import Location, Locations, Project, RuleSetting
from sendspec.phone import known_countries
from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime
from sendspec.rules import RULES, RuleGroup
from sendspec.rules._lib.settings import setting_problems
from sendspec.schema import OVERLAY, check, schema_text
from sendspec.timezones import ZONE_PATTERN
from sendspec.timezones.tz_database import zone_names
from tests.editor_schemas import NAMES, generated_text, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEMAS: Mapping[str, Any] = {name: json.loads(schema_text(name)) for name in NAMES}
BY_ID = {rule.id: rule for rule in RULES}
VALUES: list[Any] = [
    None, True, 0, 1, -1, 1.5, 50_000, "", " ", "x", "08:00", "8:00", "24:00", "24h", "7d", "0h", "any",
    "marketing", "America/New_York", "EST5", [], ["x"], [" "], [1], "x\n", ["marketing", "transactional"],
    ["US-AL"], ["sex"], ["gambling", "x"], {}, {"a": 1},
]  # fmt: skip


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every subschema with its path; overlays, examples and snippets contain none."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from nodes(item, f"{path}/{index}")
    elif isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            if key not in {OVERLAY, "examples", "default", "defaultSnippets"}:
                yield from nodes(value, f"{path}/{key}")


def resolved(name: str, node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a subschema with the keywords of its reference."""
    reference = node.get("$ref")
    target = {} if reference is None else SCHEMAS[name]["$defs"][reference.removeprefix("#/$defs/")]
    return {**target, **node}


def properties(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each property that a person may write, with the keywords of its reference."""
    for path, node in nodes(SCHEMAS[name]):
        if path.endswith("/properties") and not path.endswith(("/if/properties", "/then/properties")):
            for key, value in node.items():
                yield f"{path}/{key}", resolved(name, value)


@pytest.mark.parametrize("name", NAMES)
def test_generated_parts_are_current(name: str) -> None:
    """Rule ids, levels and options are those of the rules; `python -m tests.reference` writes them."""
    assert path_of(name).read_text(encoding="utf-8") == generated_text(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_enumeration_is_described(name: str) -> None:
    """An editor shows the meaning of each value of an enumeration."""
    for path, node in nodes(SCHEMAS[name]):
        if isinstance(node.get("enum"), list) and not path.endswith("/not"):
            descriptions = node["enumDescriptions"]
            assert len(descriptions) == len(set(descriptions)) == len(node["enum"]), path
            assert all(text.endswith(".") for text in descriptions), path


def explains_itself(name: str, schema: Mapping[str, Any]) -> bool:
    """Return whether an editor shows a value for a property, or the properties below it."""
    if {"examples", "enum", "const", "default", "defaultSnippets", "properties"} & schema.keys():
        return True
    item = schema.get("items")
    return item is not None and explains_itself(name, resolved(name, item))


@pytest.mark.parametrize("name", NAMES)
def test_every_property_has_an_example(name: str) -> None:
    """Each property has an example, values to choose from, or properties of its own that have them."""
    assert [path for path, schema in properties(name) if not explains_itself(name, schema)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_valid(name: str) -> None:
    """An editor never proposes a value that its schema refuses, and no list of mappings as an example."""
    for path, node in nodes(SCHEMAS[name]):
        schema = {"$defs": SCHEMAS[name]["$defs"], **node}
        if not isinstance(node.get("examples", []), list):
            continue  # This is a property of that name.
        snippets = [each["body"] for each in node.get("defaultSnippets", ())]
        examples = [*node.get("examples", ()), *snippets, *node.get(OVERLAY, {}).get("examples", ())]
        assert [each for each in examples if not validator_for(schema).is_valid(each)] == [], path
        lists = [each for each in node.get("examples", ()) if isinstance(each, list)]
        assert not any(isinstance(item, dict) for each in lists for item in each), path


def in_editor(setting: Any, rule: str) -> bool:
    """Return whether an editor accepts a setting of a rule."""
    schema = SCHEMAS["project"]["properties"]["rules"]
    return bool(validator_for({"$defs": SCHEMAS["project"]["$defs"], **schema}).is_valid({rule: setting}))


def in_sendspec(options: Mapping[str, Any], rule: str) -> bool:
    """Return whether sendspec accepts the options of a rule."""
    project = Project(Path("specs"), {}, {rule: RuleSetting(options=options)}, ())
    return not [*setting_problems(project, BY_ID)]


def test_editors_accept_the_options_that_sendspec_accepts() -> None:
    """Each value of each option is accepted by both or by neither, unless two options contradict."""
    differences = []
    for rule in RULES:
        for name in rule.options:
            for value in VALUES:
                options = {name: value}
                contradicts = rule.option_problem(options) is not None
                if not contradicts and in_editor(options, rule.id) != in_sendspec(options, rule.id):
                    differences.append((rule.id, name, value))
    assert differences == []


def test_editors_accept_the_names_that_sendspec_accepts() -> None:
    """Both accept groups and rules, and refuse other names, options of groups and unknown options."""
    names = [*BY_ID, *map(str, RuleGroup)]
    assert [name for name in names if not (in_editor("off", name) and in_sendspec({}, name))] == []
    for name in ("no-such-rule", "scedule"):
        assert not in_editor("off", name)
        assert not in_sendspec({}, name)
    for name in names:
        assert not in_editor({"limt": 1}, name)
        assert not in_sendspec({"limt": 1}, name)


def as_in_editor(document: str, name: str) -> bool:
    """Return whether an editor accepts a YAML document, whose unquoted scalars it reads as YAML 1.2 does."""
    tree = parse_document(document.encode(), "file.yaml")
    value = Converter("file.yaml").convert(tree, SchemaTypes(()))
    return bool(validator_for(SCHEMAS[name]).is_valid(value))


def as_in_sendspec(document: str, name: str) -> bool:
    """Return whether the schema stage of sendspec accepts a YAML document."""
    converter = Converter("file.yaml")
    value = converter.convert(parse_document(document.encode(), "file.yaml"), schema_types(name))
    return not check(name, value, Locations(Location("file.yaml"))) and not converter.problems


SEND = """\
campaign: {campaign}
purpose: marketing
sends:
  - id: {id}
    endpoint: contacts
    channelQualifier: {qualifier}
    content: {content}
    contacts: [{{contactId: {contact}, personalization: {{PIN: {value}}}}}]
    notAfter: {date}
    audience: {{countries: [{country}], timezones: [{zone}]}}
"""
SOUND = {
    "campaign": "sale",
    "id": "one",
    "qualifier": '"1"',
    "content": "hi",
    "contact": '"12125550123"',
    "value": "a",
    "date": "2036-03-20T14:00:00-04:00",
    "country": "US",
    "zone": "America/New_York",
}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("campaign", value) for value in ("2026", "true", "sale-7")),
        *(("id", value) for value in ("7", "false")),
        *(("qualifier", value) for value in ("148372", "0123", "1.5", "true", "2026-01-01")),
        *(("content", value) for value in ("5", "1e3", "no", "yes", "off", "12:30")),
        *(("contact", value) for value in ("12125550123", "0x1F")),
        *(("value", value) for value in ("0123", "007", "1_000", "true", ".5")),
        *(("date", value) for value in ("2036-03-20t14:00:00.123456789z", "2036-12-31T23:59:59+14:00")),
        *(("date", value) for value in ('"{{ day }}T10:00:00Z"', "'{# soon #}2036-03-20T14:00:00Z'")),
        *(("country", value) for value in ("GB", '"001"', "NO", '"{{ country }}"')),
        *(("zone", value) for value in ("UTC", "Etc/GMT+5", "US/Eastern", '"{{ zone }}"')),
    ],
)
def test_editors_accept_unquoted_values_and_templates(key, value):
    """A value that sendspec reads as text, a date, a country or a zone has no error in an editor."""
    document = SEND.format(**{**SOUND, key: value})
    assert (as_in_sendspec(document, "campaign"), as_in_editor(document, "campaign")) == (True, True)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("campaign", value) for value in ("Sale", '"a b"', "null", "[a]")),
        *(("qualifier", value) for value in ('""', "null", "[1]", "{a: 1}")),
        *(("content", value) for value in ("null", "~")),
        *(("value", value) for value in ("null", "[1]")),
        *(("country", value) for value in ("null", "[US]")),
    ],
)
def test_editors_refuse_what_the_schema_stage_refuses(key, value):
    """A value of another type, blank or of another form is an error in both."""
    document = SEND.format(**{**SOUND, key: value})
    assert (as_in_sendspec(document, "campaign"), as_in_editor(document, "campaign")) == (False, False)


def test_editors_accept_every_country_and_host():
    """Patterns that only editors check accept each known country and every form of an address."""
    schema = {"$defs": SCHEMAS["campaign"]["$defs"], "$ref": "#/$defs/country"}
    assert [code for code in known_countries() if not validator_for(schema).is_valid(code)] == []
    target = validator_for({"$defs": SCHEMAS["project"]["$defs"], "$ref": "#/$defs/target"})
    hosts = (
        "http://[::1]:8080/",
        "HTTPS://API-Campaign-us-1.goacoustic.com",
        "http://localhost",
        *PODS.values(),
    )
    for host in hosts:
        assert normalize_base_url(host, {})
        assert target.is_valid({"baseUrl": host})


@settings(max_examples=200)
@given(
    st.datetimes(timezones=st.timezones()), st.sampled_from(["T", "t"]), st.sampled_from(["auto", "seconds"])
)
def test_editors_accept_every_date_that_sendspec_accepts(instant, separator, spec):
    """A date-time of RFC 3339 has no error in an editor."""
    text = instant.isoformat(separator, spec)
    try:
        parse_datetime(text)
    except InvalidDateTime:
        return
    schema = {"$defs": SCHEMAS["campaign"]["$defs"], "$ref": "#/$defs/date-time"}
    assert validator_for(schema).is_valid(text)


def test_editors_know_the_form_of_every_time_zone() -> None:
    """The pattern for editors has all zones of the tz database, and not the abbreviations of others."""
    assert [name for name in zone_names() if not re.search(ZONE_PATTERN, name)] == []
    assert not any(re.search(ZONE_PATTERN, name) for name in ("PST", "CEST", "New York", "europe/paris", ""))
