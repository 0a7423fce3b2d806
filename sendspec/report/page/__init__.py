"""The page of a plan: one file of HTML that needs neither a network nor a script to be read."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sendspec.formatting import pluralize
from sendspec.model import Problem
from sendspec.redact import Redactor
from sendspec.report.escape.html import Html
from sendspec.report.page.view import page_view
from sendspec.report.review import review_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.model import Plan
    from sendspec.report.plan_failure import PlanFailure

RELOAD_PATH: Final = "/changes"
"""Where the page of a preview waits for changes."""


def plan_page(plan: Plan, *, version: str | None = None, show_values: bool = False) -> str:
    """Return the page of a plan; values of recipients are masked unless `show_values`.

    `version` is that of the page in a preview, whose script loads the page again when there is another one.
    A page without it makes no request.
    """
    return _page("plan.html", version, page=page_view(review_plan(plan, show_values=show_values)))


def problems_page(
    problems: Sequence[Problem], message: str, hint: str | None, *, version: str | None = None
) -> str:
    """Return the page of specs that cannot be planned: the error, and each problem with its place, masked."""
    title = f"Not planned: {pluralize(len(problems), 'problem')}" if problems else "Not planned"
    mask = Redactor()
    masked = [
        problem._replace(message=mask(problem.message), hint=problem.hint and mask(problem.hint))
        for problem in sorted(problems)
    ]
    return _page(
        "problems.html",
        version,
        title=title,
        problems=masked,
        message=mask(message),
        hint=hint and mask(hint),
    )


def failure_page(failure: PlanFailure) -> str:
    """Return the page of a project that cannot be planned, which replaces the page of an earlier plan."""
    problems = [Problem(found.location, found.message, found.hint) for found in failure.findings]
    return problems_page(problems, failure.message, failure.hint)


def page_policy(*, live: bool = False) -> str:
    """Return the content security policy of a page: nothing but its own style and scripts, by their digests.

    The page of a preview, which is `live`, may also connect to its server.
    """
    parts = [
        "default-src 'none'",
        f"style-src {_digest(_asset('style.css'))}",
        f"script-src {' '.join(map(_digest, _scripts(live=live)))}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join([*parts, "connect-src 'self'"] if live else parts)


def _page(template: str, version: str | None, **values: object) -> str:
    live = version is not None
    return (
        _environment()
        .get_template(template)
        .render(
            style=Markup(_asset("style.css")),  # noqa: S704 - a file of this package
            scripts=[Markup(script) for script in _scripts(live=live)],  # noqa: S704 - files of this package
            policy=page_policy(live=live),
            version=version,
            reload_path=RELOAD_PATH,
            **values,
        )
    )


def _scripts(*, live: bool) -> list[str]:
    return [_asset("filter.js"), *([_asset("reload.js")] if live else [])]


def _digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@lru_cache
def _asset(name: str) -> str:
    return files(__name__).joinpath("templates", name).read_text(encoding="utf-8").strip()


@lru_cache
def _environment() -> Environment:
    """Return the environment of the templates, which makes each value that they show inert."""
    environment = Environment(
        loader=PackageLoader(__name__, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["prose"] = Html.prose
    return environment


def _inert(value: Any) -> Any:
    """Return untrusted text as HTML; Jinja's own markup is that of templates, whose values are inert."""
    return value if isinstance(value, Markup | Html) else Html.text(str(value))
