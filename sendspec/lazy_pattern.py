"""Regular expressions that are compiled at their first use: a command needs a third of those it imports."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, AnyStr, cast


class _LazyPattern:
    """A regular expression before its first use; afterwards it has the methods of the compiled one."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self._compile = partial(re.compile, pattern, flags)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the compiled expression; Python asks only once for each name."""
        found = getattr(self._compile(), name)
        setattr(self, name, found)
        return found


def lazy_pattern(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return the regular expression `re.compile(pattern, flags)`, compiled when it is used."""
    return cast("re.Pattern[AnyStr]", _LazyPattern(pattern, flags))
