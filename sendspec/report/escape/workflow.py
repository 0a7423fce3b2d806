"""Workflow commands: lines of a log that the runner of GitHub Actions executes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.report.escape.characters import JOINERS, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

_MESSAGE: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_MESSAGE, ":": "%3A", ",": "%2C"}
_MESSAGE_TABLE: Final = str.maketrans(_MESSAGE)
_PROPERTY_TABLE: Final = str.maketrans(_PROPERTY)


def workflow_command(name: str, properties: Mapping[str, str], message: str) -> str:
    r"""Return one command such as `::error file=a.yaml,line=3::message`, without a line break.

    The message may have several lines. Escapes are those that the runner decodes (actions/runner,
    src/Runner.Common/ActionCommand.cs, as of 2026-11). The runner omits a property without a value.
    """
    values = ((key, visible(value, keep=JOINERS).strip()) for key, value in properties.items())
    shown = ",".join(f"{key}={value.translate(_PROPERTY_TABLE)}" for key, value in values if value)
    text = visible(message, keep=f"{JOINERS}\n").translate(_MESSAGE_TABLE)
    return f"::{name}{' ' if shown else ''}{shown}::{text}"
