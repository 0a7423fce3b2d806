"""A project directory → `Project`, or every problem of every file at once."""

from __future__ import annotations

from contextlib import contextmanager
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sendspec.errors import SpecError
from sendspec.load.allowed_hosts import PODS, HostRefused, checked_base_url
from sendspec.load.convert import Converter, shape_of
from sendspec.load.files import read_inside, refuse_state_outside, refuse_unread, yaml_files
from sendspec.load.yaml_parser import LARGEST, parse_document
from sendspec.load.yaml_tree import Mapped, Sequence, locations
from sendspec.model import (
    Campaign,
    Endpoint,
    Level,
    Location,
    Problem,
    Project,
    Purpose,
    RuleSetting,
    SendSpec,
    Target,
)
from sendspec.schema import check

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from sendspec.model import Locations

SANDBOX: Final = "sandbox"
MOST_COMBINATIONS: Final = 10_000
"""Sends that one matrix may make."""

_NO_ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType({})
_OF_THE_SPEC: Final = frozenset({"id", "endpoint", "matrix", "revision"})


def load_project(directory: Path, environ: Mapping[str, str] = _NO_ENVIRONMENT) -> Project:
    """Read a project directory: `sendspec.yaml` and `campaigns/*.yaml`.

    Args:
        directory: as the person gave it; every place begins with it.
        environ: the environment, of which only `SENDSPEC_ALLOWED_HOSTS` is read.

    Raises:
        SpecError: with all problems of all files, sorted by place.
    """
    _refuse_missing(directory)
    problems: list[Problem] = []
    targets: Mapping[str, Target] = {}
    rules: Mapping[str, RuleSetting] = {}
    with _collecting(problems):
        refuse_state_outside(directory)
    with _collecting(problems):
        targets, rules = _project_file(directory, environ)
    with _collecting(problems):
        refuse_unread(directory, "campaigns")
    campaigns: list[Campaign] = []
    with _collecting(problems):
        for path in yaml_files(directory, "campaigns"):
            with _collecting(problems):
                campaigns.append(_campaign(directory, path))
    problems += _repeated_names(campaigns)
    if problems:
        raise SpecError(problems)
    return Project(directory, targets, rules, tuple(campaigns))


def _refuse_missing(directory: Path) -> None:
    message = "there is no such directory"
    try:
        if directory.is_dir():
            return
    except OSError as error:
        message = f"the directory cannot be read: {(error.strerror or str(error)).lower()}"
    raise SpecError([Problem(Location(directory.as_posix()), message, "`sendspec init` makes one")])


@contextmanager
def _collecting(problems: list[Problem]) -> Iterator[None]:
    try:
        yield
    except SpecError as error:
        problems += error.problems


class _Document(NamedTuple):
    value: dict[str, Any]
    root: Mapped
    locations: Locations


def _document(directory: Path, path: Path, schema: str, *, missing: str | None = None) -> _Document:
    """Read one file and check it against its schema; raises SpecError with all that is wrong with it."""
    shown = path.as_posix()
    root = parse_document(read_inside(directory, path, LARGEST, missing=missing), shown)
    converter = Converter(shown)
    value = converter.convert(root, shape_of(schema))
    where = locations(root, shown)
    problems = list(converter.problems)
    told = {problem.location for problem in problems}
    problems += [problem for problem in check(schema, value, where) if problem.location not in told]
    if problems or not isinstance(root, Mapped):
        raise SpecError(problems)
    return _Document(value, root, where)


def _project_file(
    directory: Path, environ: Mapping[str, str]
) -> tuple[Mapping[str, Target], Mapping[str, RuleSetting]]:
    document = _document(
        directory, directory / "sendspec.yaml", "project", missing="`sendspec init` makes one"
    )
    problems: list[Problem] = []
    targets = {SANDBOX: Target(SANDBOX, None)}
    for name, settings in document.value.get("targets", {}).items():
        try:
            targets[name] = _target(name, settings, environ)
        except HostRefused as error:
            location = document.locations.of("targets", name, "baseUrl")
            problems.append(Problem(location, f"'baseUrl' {error}", error.hint))
    if problems:
        raise SpecError(problems)
    rules = {
        rule: _rule_setting(setting, document.locations.key("rules", rule))
        for rule, setting in document.value.get("rules", {}).items()
    }
    return targets, rules


def _target(name: str, settings: Mapping[str, Any], environ: Mapping[str, str]) -> Target:
    base_url = PODS.get(settings.get("pod", ""))
    if "baseUrl" in settings:
        base_url = checked_base_url(settings["baseUrl"], environ, sandbox=name == SANDBOX)
    ours = {key: value for key, value in settings.items() if key not in {"pod", "baseUrl"}}
    return Target(name, base_url, **ours)


def _rule_setting(setting: str | Mapping[str, Any], location: Location) -> RuleSetting:
    mapping = {"level": setting} if isinstance(setting, str) else dict(setting)
    level = mapping.pop("level", None)
    if level == "off":
        return RuleSetting(off=True, options=mapping, location=location)
    return RuleSetting(None if level is None else Level(level), options=mapping, location=location)


def _campaign(directory: Path, path: Path) -> Campaign:
    document = _document(directory, path, "campaign")
    value = document.value
    nodes = document.root.values["sends"]
    problems = [*_repeated_ids(document), *_matrix_problems(document)]
    if problems or not isinstance(nodes, Sequence):
        raise SpecError(problems)
    return Campaign(
        name=value["campaign"],
        purpose=Purpose(value["purpose"]),
        vars=value.get("vars", {}),
        sends=tuple(
            _send(send, locations(node, path.as_posix()))
            for send, node in zip(value["sends"], nodes.items, strict=True)
        ),
        file=path,
        location=document.locations.of("campaign"),
    )


def _send(send: Mapping[str, Any], where: Locations) -> SendSpec:
    return SendSpec(
        id=send["id"],
        endpoint=Endpoint(send["endpoint"]),
        revision=send.get("revision", 1),
        matrix={axis: tuple(values) for axis, values in send.get("matrix", {}).items()},
        properties={name: value for name, value in send.items() if name not in _OF_THE_SPEC},
        locations=where,
    )


def _repeated_names(campaigns: Iterable[Campaign]) -> Iterator[Problem]:
    first: dict[str, Location] = {}
    for campaign in campaigns:
        before = first.setdefault(campaign.name, campaign.location)
        if before != campaign.location:
            message = f"the campaign {campaign.name!r} is already in {before}"
            yield Problem(campaign.location, message, "give each file a campaign name of its own")


def _repeated_ids(document: _Document) -> Iterator[Problem]:
    first: dict[str, Location] = {}
    for index, send in enumerate(document.value["sends"]):
        location = document.locations.of("sends", index, "id")
        before = first.setdefault(send["id"], location)
        if before != location:
            message = f"the send {send['id']!r} is already at line {before.line}"
            yield Problem(location, message, "give each send an id of its own")


def _matrix_problems(document: _Document) -> Iterator[Problem]:
    """Tell of matrices that would make the same address twice, or far too many of them."""
    for index, send in enumerate(document.value["sends"]):
        matrix = send.get("matrix", {})
        for axis, values in matrix.items():
            seen: set[str] = set()
            for at, value in enumerate(values):
                text = str(value).lower() if isinstance(value, bool) else str(value)
                if text in seen:
                    location = document.locations.of("sends", index, "matrix", axis, at)
                    hint = "every value of an axis becomes part of an address of its own"
                    yield Problem(location, f"the value {value!r} is already in {axis!r}", hint)
                seen.add(text)
        count = prod(len(values) for values in matrix.values())
        if count > MOST_COMBINATIONS:
            message = f"the matrix makes {count:,} sends, at most {MOST_COMBINATIONS:,} are allowed"
            yield Problem(document.locations.of("sends", index, "matrix"), message, "split the campaign")
