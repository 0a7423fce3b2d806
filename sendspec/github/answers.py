"""What GitHub answered: the error of a refused call, the pause of a rate limit, the next page.

Sources, as of 2026-11: GitHub, "Best practices for using the REST API" (rate limits), "Using pagination in
the REST API" (Link header), "Troubleshooting the REST API" (permissions, 404 instead of 403).
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sendspec.acoustic.envelope import short
from sendspec.acoustic.outcome import Answer, FailureKind
from sendspec.errors import GitHubError, GitHubUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sendspec.acoustic.outcome import Failure
    from sendspec.redact import Redactor

_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_TOO_MANY: Final = 429
_REDIRECT: Final = range(300, 400)
_SUCCESSES: Final = range(200, 300)
_SERVER_ERRORS: Final = range(500, 600)
_PERMISSIONS: Final = "x-accepted-github-permissions"
_MESSAGE_CHARACTERS: Final = 200
_ERRORS_MAX: Final = 3
_NEXT: Final = re.compile(r'<([^<>]+)>\s*;[^,<]*\brel="?next\b')
_GRANT: Final = re.compile(r"([a-z_]+)=(read|write|admin)")
_LATER: Final = "run this again later"


def is_success(answer: Answer | Failure) -> bool:
    """Return whether GitHub did what the call asked for."""
    return isinstance(answer, Answer) and answer.status in _SUCCESSES


def is_lost(answer: Answer | Failure) -> bool:
    """Return whether GitHub may have done what the call asked for, although it did not say so."""
    if isinstance(answer, Answer):
        return answer.status in _SERVER_ERRORS
    return answer.kind is FailureKind.BROKEN


def rate_limit_seconds(answer: Answer | Failure, now: float) -> float | None:
    """Return the seconds to wait before GitHub accepts a call again; None if no rate limit was reached.

    `now` is in seconds since 1970. A limit that names no time is over after a minute at the earliest.
    """
    if not isinstance(answer, Answer) or answer.status not in (_FORBIDDEN, _TOO_MANY):
        return None
    after, reset = answer.headers.get("retry-after", ""), answer.headers.get("x-ratelimit-reset", "")
    if after.isascii() and after.isdigit():
        return float(after)
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdigit():
        return max(float(reset) - now, 0.0) + 1.0
    is_limit = answer.status == _TOO_MANY or "rate limit" in _own_message(answer.body).lower()
    return 60.0 if is_limit else None


def next_page(headers: Mapping[str, str]) -> str | None:
    """Return the URL of the next page, by the Link header; None after the last page."""
    found = _NEXT.search(headers.get("link", ""))
    return found[1] if found else None


def read_json(answer: Answer, task: str) -> Any:
    """Return the value of an answer, None if it has no body.

    Raises:
        GitHubUnavailable: the body is not JSON.
    """
    if not answer.body.strip():
        return None
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise GitHubUnavailable(
            f"cannot {task}: GitHub's answer is not JSON", status=answer.status, hint=_LATER
        ) from error


@contextmanager
def reading(task: str) -> Iterator[None]:
    """Raise GitHubUnavailable if an answer does not have the documented form."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise GitHubUnavailable(f"cannot {task}: GitHub's answer has an unknown form", hint=_LATER) from error


def call_error(
    answer: Answer | Failure,
    task: str,
    repository: str,
    redactor: Redactor,
    *,
    needed: Sequence[str] = (),
) -> GitHubError:
    """Return the error of a call that did not succeed; GitHub's own words are masked and on one line.

    `needed` are the permissions of all calls of a command, such as `issues: write`, for the hint.
    """
    if not isinstance(answer, Answer):
        detail = short(answer.detail, redactor.foreign, _MESSAGE_CHARACTERS)
        return GitHubUnavailable(
            f"cannot {task}: GitHub did not answer: {detail}", may_be_done=is_lost(answer), hint=_LATER
        )
    status = answer.status
    reason = short(_own_message(answer.body), redactor.foreign, _MESSAGE_CHARACTERS)
    message = f"cannot {task}: GitHub answered {status}{f': {reason}' if reason else ''}"
    if status in _SERVER_ERRORS:
        return GitHubUnavailable(message, status=status, may_be_done=True, hint=_LATER)
    return GitHubError(message, status=status, hint=_hint(answer, reason, repository, needed))


def _hint(answer: Answer, reason: str, repository: str, needed: Sequence[str]) -> str:
    if rate_limit_seconds(answer, 0.0) is not None:
        return "run this again after GitHub's rate limit has reset"
    if answer.status in _REDIRECT:
        return "set GITHUB_REPOSITORY to the current name of the repository"
    if answer.status == _FORBIDDEN:
        return _permission_hint(answer, reason, needed)
    if answer.status == _UNAUTHORIZED:
        return f"set GITHUB_TOKEN to a valid token for {repository}"
    if answer.status == _NOT_FOUND:
        return f"check that it exists in {repository}, and that the token may read it"
    return "check the settings of the repository on GitHub"


def _permission_hint(answer: Answer, reason: str, needed: Sequence[str]) -> str:
    if "lock" in reason.lower():
        return "let a maintainer unlock the conversation, then run this again"
    # GitHub's header names only what this call needs, and a later call of the same command needs more.
    permissions = " and ".join(f"`{each}`" for each in needed)
    permissions = permissions or _accepted_permissions(answer.headers.get(_PERMISSIONS, ""))
    if permissions:
        return f"add to the permissions of the job, or of the token: {permissions}"
    return "check the permissions of the job, or of the token"


def _accepted_permissions(header: str) -> str:
    """Return the permissions of a header as a workflow writes them: `issues: write`.

    Sets are separated by semicolons, and each of them is enough (GitHub, "Troubleshooting the REST API").
    """
    sets = [
        " and ".join(f"`{name.replace('_', '-')}: {level}`" for name, level in _GRANT.findall(each))
        for each in header.split(";")
    ]
    return " or ".join(each for each in sets if each)


def _own_message(body: bytes) -> str:
    """Return GitHub's message, with those of `errors`; an empty text if the body has none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(value, dict):
        return ""
    errors = value.get("errors")
    texts = [value.get("message"), *(errors[:_ERRORS_MAX] if isinstance(errors, list) else ())]
    return "; ".join(filter(None, map(_error_text, texts)))


def _error_text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("message") or " ".join(
            str(value[name]) for name in ("field", "code") if isinstance(value.get(name), str)
        )
    return value.removesuffix(".") if isinstance(value, str) else ""
