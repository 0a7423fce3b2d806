"""Loader of a project directory: files → `Project`, or all problems of all files."""

from __future__ import annotations

import unicodedata
from contextlib import contextmanager
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sendspec.errors import SpecError
from sendspec.load.address_values import character_name, refused_character, value_key, value_text
from sendspec.load.allowed_hosts import PODS, HostRefused, normalize_base_url
from sendspec.load.pricing import pricing_problems, read_pricing
from sendspec.load.project_files import MISSING_HINT, ProjectReader
from sendspec.load.yaml_parser import BYTES_MAX, parse_document
from sendspec.load.yaml_tree import MappingNode, SequenceNode, commented_paths, locations
from sendspec.load.yaml_values import Converter, schema_types
from sendspec.model import (
    SANDBOX,
    Campaign,
    CampaignNotes,
    CommentedText,
    Endpoint,
    ExcludeEntry,
    Level,
    Problem,
    Project,
    Purpose,
    RuleSetting,
    SendSpec,
    Target,
)
from sendspec.schema import check
from sendspec.selection import ALL
from sendspec.text_defects import plain_twins, replacements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sized
    from pathlib import Path

    from sendspec.load.project_files import ProjectFiles
    from sendspec.model import Location, Locations, Pricing
    from sendspec.selection import Selection

COMBINATIONS_MAX: Final = 10_000
"""Sends of one matrix."""

SENDS_MAX: Final = 20_000
"""Sends of one project: many matrices could otherwise take any time and memory to plan."""

_NO_ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType({})
_NOTES: Final = ("owner", "description", "ticket")
_SPEC_KEYS: Final = frozenset({"id", "endpoint", "matrix", "revision"})


def load_project(
    directory: Path,
    environ: Mapping[str, str] = _NO_ENVIRONMENT,
    selection: Selection = ALL,
    files: ProjectFiles | None = None,
) -> Project:
    """Read a project directory: `sendspec.yaml`, and the YAML files in `campaigns/` and its subfolders.

    Args:
        directory: as the user wrote it; every location starts with it.
        environ: the environment; only `SENDSPEC_ALLOWED_HOSTS` is read.
        selection: a campaign file with problems is left out if none of its sends may be selected.
        files: those of the directory, by default those on disk.

    Raises:
        SendspecError: the directory does not exist.
        SpecError: with all problems of all files, sorted by location.
    """
    reader = files or ProjectReader(directory)
    reader.check_directory()
    problems: list[Problem] = []
    settings = _Settings({}, {}, {}, (), None, ())
    with _collecting(problems):
        reader.check_state()
    with _collecting(problems):
        settings = _project_file(reader, directory, environ)
    campaigns: list[Campaign] = []
    skipped: list[Problem] = []
    with _collecting(problems):
        for path in reader.campaigns():
            try:
                campaigns.append(_campaign(reader, path))
            except SpecError as error:
                blocks = selection.may_include(_name_of_broken_campaign(reader, path))
                (problems if blocks else skipped).extend(error.problems)
    for name, problem in _duplicate_names(campaigns):
        (problems if selection.may_include(name) else skipped).append(problem)
    problems += _too_many_sends(campaigns)
    if problems:
        raise SpecError(problems)
    return Project(
        directory,
        settings.targets,
        settings.rules,
        tuple(campaigns),
        settings.vars,
        tuple(skipped),
        settings.exclude,
        settings.locations,
        settings.commented_texts,
        reader.others(),
        settings.brand,
        settings.pricing,
    )


def load_settings(directory: Path, environ: Mapping[str, str] = _NO_ENVIRONMENT) -> Project:
    """Read `sendspec.yaml` alone: the project without its campaigns; raises like `load_project`."""
    reader = ProjectReader(directory)
    reader.check_directory()
    settings = _project_file(reader, directory, environ)
    return Project(
        directory,
        settings.targets,
        settings.rules,
        (),
        settings.vars,
        exclude=settings.exclude,
        locations=settings.locations,
        commented_texts=settings.commented_texts,
        pricing=settings.pricing,
    )


def _name_of_broken_campaign(reader: ProjectFiles, path: Path) -> str | None:
    """Return the name of a campaign that has problems, None if the file cannot be parsed."""
    try:
        root = parse_document(reader.read(path, BYTES_MAX), path.as_posix())
    except SpecError:
        return None
    name = Converter(path.as_posix()).convert(root, schema_types("campaign"))
    value = name.get("campaign") if isinstance(name, dict) else None
    return value if isinstance(value, str) else None


@contextmanager
def _collecting(problems: list[Problem]) -> Iterator[None]:
    try:
        yield
    except SpecError as error:
        problems += error.problems


class _Document(Struct, frozen=True):
    value: dict[str, Any]
    root: MappingNode
    locations: Locations
    text: str

    def commented_texts(self) -> tuple[CommentedText, ...]:
        if "#" not in self.text:
            return ()
        paths = commented_paths(self.root, self.text)
        return tuple(CommentedText(path, self.locations.of(*path)) for path in paths)


def _document(reader: ProjectFiles, path: Path, schema: str, *, missing: str = MISSING_HINT) -> _Document:
    """Read one file and check it against its schema; raises SpecError with all its problems."""
    file = path.as_posix()
    content = reader.read(path, BYTES_MAX, missing=missing)
    root = parse_document(content, file)
    converter = Converter(file)
    value = converter.convert(root, schema_types(schema))
    text = content.decode("utf-8-sig")
    positions = locations(root, file, text)
    problems = list(converter.problems)
    reported = {problem.location for problem in problems}
    problems += [problem for problem in check(schema, value, positions) if problem.location not in reported]
    if problems or not isinstance(root, MappingNode):
        raise SpecError(problems)
    return _Document(value, root, positions, text)


class _Settings(Struct, frozen=True):
    """The content of sendspec.yaml."""

    targets: Mapping[str, Target]
    rules: Mapping[str, RuleSetting]
    vars: Mapping[str, Any]
    exclude: tuple[ExcludeEntry, ...]
    locations: Locations | None
    commented_texts: tuple[CommentedText, ...]
    brand: tuple[str, ...] = ()
    pricing: Pricing | None = None


def _project_file(reader: ProjectFiles, directory: Path, environ: Mapping[str, str]) -> _Settings:
    document = _document(
        reader, directory / "sendspec.yaml", "project", missing="run `sendspec init` to create it"
    )
    problems: list[Problem] = []
    targets = {SANDBOX: Target(SANDBOX, None)}
    for name, settings in document.value.get("targets", {}).items():
        try:
            targets[name] = _target(name, settings, environ)
        except HostRefused as error:
            location = document.locations.of("targets", name, "baseUrl")
            problems.append(Problem(location, f"'baseUrl' {error}", error.hint))
    pricing = document.value.get("pricing")
    problems += pricing_problems(pricing, document.locations)
    if problems:
        raise SpecError(problems)
    rules = {
        rule: _rule_setting(setting, document.locations.key("rules", rule))
        for rule, setting in document.value.get("rules", {}).items()
    }
    return _Settings(
        targets,
        rules,
        document.value.get("vars", {}),
        _exclude_entries(document, directory),
        document.locations,
        document.commented_texts(),
        _brand(document),
        read_pricing(pricing, document.locations),
    )


def _brand(document: _Document) -> tuple[str, ...]:
    names = document.value.get("brand", ())
    return (names,) if isinstance(names, str) else tuple(names)


def _target(name: str, settings: Mapping[str, Any], environ: Mapping[str, str]) -> Target:
    sandbox = settings.get("sandbox", name == SANDBOX)
    base_url = PODS.get(settings.get("pod", ""))
    if "baseUrl" in settings:
        base_url = normalize_base_url(settings["baseUrl"], environ, sandbox=sandbox)
    others = {key: value for key, value in settings.items() if key not in {"pod", "baseUrl", "sandbox"}}
    if isinstance(ledger := others.get("ledger"), dict):
        others["ledger"] = ledger["type"]
        others.update({f"ledger_{key}": value for key, value in ledger.items() if key != "type"})
    return Target(name, base_url, sandbox=sandbox, **others)


def _rule_setting(setting: str | Mapping[str, Any], location: Location) -> RuleSetting:
    mapping = {"level": setting} if isinstance(setting, str) else dict(setting)
    level = mapping.pop("level", None)
    if level == "off":
        return RuleSetting(off=True, options=mapping, location=location)
    return RuleSetting(None if level is None else Level(level), options=mapping, location=location)


def _campaign(reader: ProjectFiles, path: Path) -> Campaign:
    document = _document(reader, path, "campaign")
    value = document.value
    nodes = document.root.values["sends"]
    problems = [*_duplicate_ids(document), *_matrix_problems(document)]
    if problems or not isinstance(nodes, SequenceNode):
        raise SpecError(problems)
    return Campaign(
        name=value["campaign"],
        purpose=Purpose(value["purpose"]),
        vars=value.get("vars", {}),
        sends=tuple(
            _send(send, locations(node, path.as_posix(), document.text))
            for send, node in zip(value["sends"], nodes.items, strict=True)
        ),
        file=path,
        location=document.locations.of("campaign"),
        exclude=_exclude_entries(document, path.parent),
        notes=CampaignNotes(**{note: value[note] for note in _NOTES if note in value}),
        locations=document.locations,
        commented_texts=document.commented_texts(),
        brand=_brand(document),
    )


def _exclude_entries(document: _Document, folder: Path) -> tuple[ExcludeEntry, ...]:
    return tuple(
        ExcludeEntry.of(entry, folder, document.locations, ("exclude", index))
        for index, entry in enumerate(document.value.get("exclude", ()))
    )


def _send(send: Mapping[str, Any], positions: Locations) -> SendSpec:
    return SendSpec(
        id=send["id"],
        endpoint=Endpoint(send["endpoint"]),
        revision=send.get("revision", 1),
        matrix={
            axis: tuple(value_text(value) if isinstance(value, str) else value for value in values)
            for axis, values in sorted(send.get("matrix", {}).items())
        },
        properties={name: value for name, value in send.items() if name not in _SPEC_KEYS},
        locations=positions,
    )


def _too_many_sends(campaigns: Iterable[Campaign]) -> Iterator[Problem]:
    """Yield a problem of the campaign with which the project has too many sends."""
    total = 0
    for campaign in campaigns:
        before, total = total, total + sum(_combinations(send.matrix) for send in campaign.sends)
        if before <= SENDS_MAX < total:
            message = f"with this campaign the project has more than {SENDS_MAX:,} sends, the limit"
            yield Problem(campaign.location, message, "shorten a matrix, or split the project")


def _combinations(matrix: Mapping[str, Sized]) -> int:
    return prod(len(values) for values in matrix.values())


def _refused_value(location: Location, value: object, character: str) -> Problem:
    message = f"the value {value!r} contains {character_name(character)}, which looks like another character"
    if not character.isprintable() or unicodedata.category(character) in {"Mn", "Cf"}:
        message = f"the value {value!r} contains {character_name(character)}, which is hard to see"
    twin = plain_twins().get(character)
    hint = "remove it, or write the value with the letters of one script and composed accents"
    if twin is not None and not twin.is_letter:
        hint = f"write {replacements([twin])}"
    return Problem(location, message, hint)


def _duplicate_names(campaigns: Iterable[Campaign]) -> Iterator[tuple[str, Problem]]:
    first: dict[str, Location] = {}
    for campaign in campaigns:
        original = first.setdefault(campaign.name, campaign.location)
        if original != campaign.location:
            message = f"the campaign name {campaign.name!r} is already used at {original}"
            hint = "give each campaign file a unique name"
            yield campaign.name, Problem(campaign.location, message, hint)


def _duplicate_ids(document: _Document) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, send in enumerate(document.value["sends"]):
        original = first.setdefault(send["id"], index)
        if original != index:
            line = document.locations.of("sends", original, "id").line
            location = document.locations.of("sends", index, "id")
            message = f"the id {send['id']!r} is already used at line {line}"
            yield Problem(location, message, "give each send a unique id")


def _matrix_problems(document: _Document) -> Iterator[Problem]:
    """Yield the problems of matrices with duplicate values or too many combinations."""
    for index, send in enumerate(document.value["sends"]):
        matrix = send.get("matrix", {})
        for axis, values in matrix.items():
            seen: set[str] = set()
            for position, value in enumerate(values):
                location = document.locations.of("sends", index, "matrix", axis, position)
                key = value_key(str(value))
                if key in seen:
                    hint = "remove it; each value of an axis is part of a unique address"
                    yield Problem(location, f"duplicate value {value!r} in the axis {axis!r}", hint)
                seen.add(key)
                if character := refused_character(str(value)):
                    yield _refused_value(location, value, character)
        count = _combinations(matrix)
        if count > COMBINATIONS_MAX:
            message = f"the matrix has {count:,} combinations, but the limit is {COMBINATIONS_MAX:,}"
            yield Problem(document.locations.of("sends", index, "matrix"), message, "split the campaign")
