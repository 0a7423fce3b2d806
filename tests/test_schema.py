"""The schemas themselves: valid, described, and consistent with the code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from sendspec.load.allowed_hosts import PODS
from sendspec.model import Endpoint, Level, Purpose, RequestState, Sign
from sendspec.rules import RuleGroup
from sendspec.schema import NAMES, expanded, schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator


def parts(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every mapping in a schema with its path."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from parts(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from parts(value, f"{path}/{index}")


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_valid(name: str) -> None:
    """Each schema is valid draft 2020-12, has title and description, and uses all its definitions."""
    schema = json.loads(schema_text(name))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:sendspec:schema:{name}"
    assert schema["title"]
    assert schema["description"].endswith(".")
    refs = {part["$ref"] for _, part in parts(schema) if isinstance(part.get("$ref"), str)}
    assert refs == {f"#/$defs/{defined}" for defined in schema.get("$defs", {})}


@pytest.mark.parametrize("name", NAMES)
def test_every_property_is_described(name: str) -> None:
    """Every property has a description that editors can show."""
    schema = json.loads(schema_text(name))
    for path, part in parts(schema):
        if path.endswith("/properties") and not path.endswith("/if/properties"):
            for property_name, described in part.items():
                assert described.get("description", "").endswith("."), f"{path}/{property_name}"


@pytest.mark.parametrize("name", NAMES)
def test_references_can_be_expanded(name: str) -> None:
    """Only annotations are beside a reference, so that replacing it does not change its meaning."""
    for path, part in parts(json.loads(schema_text(name))):
        if isinstance(part.get("$ref"), str):
            assert part.keys() <= {"$ref", "title", "description", "examples"}, path
    assert not any("$ref" in part for _, part in parts(expanded(name)))


@pytest.mark.parametrize("name", NAMES)
def test_titles_for_messages(name: str) -> None:
    """Every pattern and every refused word has the title that messages contain."""
    for path, part in parts(expanded(name)):
        if isinstance(part.get("pattern"), str) or isinstance(part.get("type"), list):
            assert part.get("title") or part.get("type") in (
                ["string", "null"],
                ["integer", "null"],
                ["object", "null"],
            ), path
        if isinstance(part.get("not"), dict):
            assert {"required", "title"} & part["not"].keys(), path


def test_property_means_one_type_at_every_endpoint() -> None:
    """A property has the same types at every endpoint, because conversion ignores the endpoint."""
    types: dict[str, set[str]] = {}
    sends = [
        case["then"]["properties"] for case in expanded("campaign")["properties"]["sends"]["items"]["allOf"]
    ]
    for send in sends:
        for name, schema in send.items():
            types.setdefault(name, set()).add(json.dumps(schema.get("type")))
    assert {name: variants for name, variants in types.items() if len(variants) > 1} == {}
    assert len(sends) == len(Endpoint)


def test_schemas_and_code_agree() -> None:
    """Every enumeration has the same values in the code and in its schema."""
    campaign, project = expanded("campaign"), expanded("project")
    lockfile, plan = expanded("lockfile"), expanded("plan")
    request = lockfile["properties"]["sends"]["additionalProperties"]["properties"]["requests"]["items"]
    action = plan["properties"]["actions"]["items"]["properties"]
    finding = plan["properties"]["findings"]["items"]["properties"]
    assert campaign["properties"]["purpose"]["enum"] == [purpose.value for purpose in Purpose]
    send = campaign["properties"]["sends"]["items"]
    assert send["properties"]["endpoint"]["enum"] == [endpoint.value for endpoint in Endpoint]
    assert project["properties"]["targets"]["additionalProperties"]["properties"]["pod"]["enum"] == list(PODS)
    levels = project["properties"]["rules"]["additionalProperties"]["then"]["enum"]
    assert set(levels) == {"off", *(level.value for level in Level)}
    assert set(request["properties"]["state"]["enum"]) == {state.value for state in RequestState}
    assert set(action["sign"]["enum"]) == {sign.value for sign in Sign}
    assert set(finding["level"]["enum"]) == {level.value for level in Level}
    rule = expanded("rules")["properties"]["rules"]["items"]["properties"]
    assert rule["group"]["enum"] == [group.value for group in RuleGroup]
    assert rule["level"]["enum"] == [level.value for level in Level]
    assert set(rule["projectLevel"]["enum"]) == {"off", None, *(level.value for level in Level)}


@pytest.mark.parametrize("endpoint", Endpoint)
def test_payload_has_what_a_campaign_may_say(endpoint: Endpoint) -> None:
    """A payload schema has exactly the API's properties of its endpoint in the campaign schema."""
    not_sent = {
        "id",
        "endpoint",
        "matrix",
        "revision",
        "exclude",
        "notBefore",
        "notAfter",
        "allow",
        "databaseFields",
        "audience",
        "expected",
        "formerly",
    }
    for case in expanded("campaign")["properties"]["sends"]["items"]["allOf"]:
        if case["if"]["properties"]["endpoint"]["const"] == endpoint:
            in_campaign = case["then"]["properties"].keys() - not_sent - {"publishedMessageId"}
    assert expanded(f"payload-{endpoint}")["properties"].keys() == in_campaign


def test_unknown_schema() -> None:
    """An unknown name is refused, even if it is a path to a file."""
    with pytest.raises(KeyError):
        schema_text("../pyproject")
