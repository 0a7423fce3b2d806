"""The command that settles a request, quoted for a shell."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import RequestKey
    from sendspec.rules._lib.rule import RuleContext

_DEFAULT_DIRECTORY: Final = "specs"
_DEFAULT_TARGET: Final = "sandbox"


def resolve_command(key: RequestKey, context: RuleContext) -> str:
    """Return `sendspec resolve KEY` with the directory and the target, if they are not the defaults.

    A record that apply has not moved yet is named by the address that the ledger has.
    """
    key = key._replace(address=context.identities.sent_under.get(key.address, key.address))
    return shlex.join(["sendspec", "resolve", str(key), *_directory_and_target(context)])


def _directory_and_target(context: RuleContext) -> Iterator[str]:
    directory = str(context.project.directory)
    if directory != _DEFAULT_DIRECTORY:
        yield from ("--dir", directory)
    if context.target.name != _DEFAULT_TARGET:
        yield from ("--target", context.target.name)
