"""Containment of templates: they only print, in bounded work, and they agree with Jinja."""

from __future__ import annotations

import contextlib
import json
import tracemalloc
from typing import Any

import jinja2.sandbox
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sendspec.template import TemplateError, Templates, is_template

CONTEXT: dict[str, Any] = {
    "campaign": "spring-sale",
    "live": True,
    "text": "hello",
    "shop": {"name": "Acme"},
    "rows": list(range(3000)),
    "long": "A" * 20_000,
    "huge": 10**5000,
    "texts": ["x" * 8000] * 30,
}


def render(source: str, **context: Any) -> str:
    return Templates().render(source, context)


DOUBLING = "{% set a = 'AAAAAAAA' %}" + "{% set a = a ~ a %}" * 60
NESTED = "{% set a = [1] %}" + "{% set a = [a, a] %}" * 30
HOSTILE = {
    "a long text at compile time": "{{ ('A'*10**9)|length }}",
    "a long text": "{{ 'A' * 1000000000 }}",
    "a long list": "{{ ([1] * 1000000000)|length }}",
    "a tower of powers": "{{ 10**10**10 }}",
    "a power": "{{ 2 ** 100000000 }}",
    "range": "{% for a in range(10**9) %}{% endfor %}",
    "center": "{{ 'x'|center(10**9) }}",
    "indent": "{{ 'x'|indent(10**9) }}",
    "lipsum": "{{ lipsum(10**9) }}",
    "formatting": "{{ '%1000000000d' % 1 }}",
    "the format filter": "{{ '%1000000000d'|format(1) }}",
    "the format method": "{{ '{:>1000000000}'.format(1) }}",
    "doubling": DOUBLING,
    "doubling by adding": DOUBLING.replace("a ~ a", "a + a"),
    "doubling by joining": DOUBLING.replace("a ~ a", "[a, a]|join"),
    "doubling by replacing": DOUBLING.replace("a ~ a", "a|replace('A', 'AA')"),
    "a list that holds itself twice, compared": NESTED + "{{ a == a }}",
    "a list that holds itself twice, searched": NESTED + "{{ a in [a] }}",
    "a list that holds itself twice, sorted": NESTED + "{{ [a, a]|sort }}",
    "a list that holds itself twice, made unique": NESTED + "{{ [a, a]|unique }}",
    "a list that holds itself twice, printed": NESTED + "{{ a }}",
    "loops in loops": "{% for a in rows %}" * 3 + "x" + "{% endfor %}" * 3,
    "silent loops in loops": "{% for a in rows %}{% for b in rows %}{% endfor %}{% endfor %}",
    "loops that filter all": "{% for a in rows %}{% for b in rows if false %}{% endfor %}{% endfor %}",
    "a long text in a loop": "{% for a in rows %}{{ long }}{% endfor %}",
    "a long constant in a loop": "{% for a in rows %}" + "x" * 8000 + "{% endfor %}",
    "cuts in a loop": "{% for a in rows %}{% set b = long[1:] %}{% endfor %}",
    "lists in a loop": "{% for a in rows %}{% set b = rows|list %}{% endfor %}",
    "replace squared": "{{ long|replace('A', long) }}",
    "replace between all": "{{ long|replace('', long) }}",
    "sorting long texts": "{{ texts|sort|length }}",
    "join squared": "{{ rows|join(rows|join) }}",
    "numbers that grow": "{% set n = 9 %}" + "{% set n = n * n %}" * 60 + "{{ n }}",
    "decimals that grow": "{% set n = 9.5 %}" + "{% set n = n * n %}" * 60 + "{{ n }}",
    "a number of 8,000 digits": "{{ " + "9" * 8000 + " }}",
    "a number of 8,000 hexadecimal digits": "{{ 0x" + "f" * 8000 + " }}",
    "an infinite number": "{{ 1e999 }}",
    "a text of 8,000 digits": "{{ '" + "9" * 8000 + "'|int }}",
    "a large number from the context": "{{ huge }}",
    "a class": "{{ ''.__class__.__mro__ }}",
    "a class by key": "{{ ''['__class__'] }}",
    "a class by filter": "{{ ''|attr('__class__') }}",
    "a class by map": "{{ [text]|map(attribute='__class__')|list }}",
    "a class by join": "{{ [text]|join(attribute='__class__') }}",
    "a method": "{{ text.upper }}",
    "a method's address": "{{ shop.items }}",
    "globals": "{{ cycler.__init__.__globals__ }}",
    "a helper": "{{ cycler }}",
    "the template itself": "{{ self }}",
    "a private name": "{{ _x }}",
    "setting a private name": "{% set __builtins__ = 1 %}",
    "the context": "{{ context }}",
    "brackets": "{{ " + "(" * 4000 + " }}",
    "brackets without end": "{{" * 4000,
    "not": "{{ " + "not " * 2000 + "1 }}",
    "minus": "{{ " + "-" * 8000 + "1 }}",
    "attributes": "{{ a" + ".a" * 4000 + " }}",
    "filters": "{{ 'a'" + "|upper" * 1300 + " }}",
    "sums": "{{ 1" + "+1" * 4000 + " }}",
    "conditions": "{{ " + "1 if 0 else " * 600 + "1 }}",
    "ifs in ifs": "{% if live %}" * 400 + "{% endif %}" * 240,
    "lists in lists": "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "a source that is too long": "{{ 1 }}" + "x" * 8186,
}  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_contains(source: str) -> None:
    """A template that grows without bound or accesses Python is refused after little work and memory."""
    templates = Templates()
    templates.render("{{ warm|default('') }}", {})
    before = templates.steps
    tracemalloc.start()
    try:
        with pytest.raises(TemplateError) as caught:
            templates.render(source, CONTEXT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000
    assert templates.steps - before <= 50_001
    assert len(caught.value.message) < 300
    assert "0x" not in caught.value.message


BRACELESS = st.text().filter(lambda text: not is_template(text))


@given(BRACELESS)
def test_passes_text_through(text: str) -> None:
    """Text without opening braces is not a template and stays unchanged."""
    assert render(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_keeps_literal_text(text: str) -> None:
    """Any text, even with braces, is printed unchanged from a literal, a variable and a mapping."""
    assert render("{{ " + json.dumps(text, ensure_ascii=False) + " }}") == text
    assert render("{{ v }}{{ m.v }}{{ l[0] }}", v=text, m={"v": text}, l=[text]) == text * 3


# Two spaces separate the tokens.
WORDS = (
    "{{  }}  {%  %}  {#  #}  -%}  {%-  if  else  endif  for  in  endfor  set  campaign  rows  text  x  _x  1"
    "  0  1.5  'a'  \"  '  \\  (  )  [  ]  {  }  |  .  ,  :  =  ==  <  ~  +  -  *  **  /  //  %  is  not  and"
    "  or  int  join  default  defined  length  raw  endraw  recursive  loop  \0  \ud800  é  none   "
)
TOKENS = [*WORDS.split("  "), "\n", "9" * 30]


@given(st.lists(st.sampled_from(TOKENS), max_size=40))
@settings(max_examples=500)
def test_survives_any_tokens(tokens: list[str]) -> None:
    """Any tokens are rendered or refused with TemplateError, in bounded work."""
    templates = Templates()
    with contextlib.suppress(TemplateError):
        templates.render("".join(tokens), CONTEXT)
    assert templates.steps <= 50_001


# A small grammar of well-formed templates over known names, each of which Jinja itself can render.
NUMBERS = st.recursive(
    st.sampled_from(
        ["a", "b", "xs[0]", "xs|length", "s|length", "m.k", "xs|sum", "loop.index", "0", "1", "7"]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "%"]), inner).map(
            "({0[0]} {0[1]} {0[2]})".format
        ),
        inner.map("(-{})".format),
        inner.map("({}|abs)".format),
        st.tuples(inner, inner, inner).map("({0[0]} if {0[1]} else {0[2]})".format),
    ),
    max_leaves=4,
)
TEXTS = st.recursive(
    st.sampled_from(
        [
            "s",
            "t",
            "ws[1]",
            "m['z']",
            "ws|join('-')",
            "xs|join",
            "'lit'",
            "ws|first",
            "ws|sort|last",
            "s[1:3]",
        ]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.one_of(inner, NUMBERS)).map("({0[0]} ~ {0[1]})".format),
        st.tuples(
            inner, st.sampled_from(["upper", "lower", "title", "capitalize", "trim", "reverse", "urlencode"])
        ).map("({0[0]}|{0[1]})".format),
        st.tuples(inner, inner, inner).map("({0[0]}|replace({0[1]}, {0[2]}))".format),
        st.tuples(inner, NUMBERS).map("{0[0]}[{0[1]}:]".format),
        inner.map("(nope|default({}))".format),
    ),
    max_leaves=4,
)
CONDITIONS = st.one_of(
    st.tuples(NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS).map(" ".join),
    st.tuples(TEXTS, st.sampled_from(["in", "not in", "==", "<"]), TEXTS).map(" ".join),
    st.tuples(TEXTS, st.sampled_from(["and", "or"]), NUMBERS).map("not ({0[0]} {0[1]} {0[2]})".format),
    st.tuples(
        NUMBERS, st.sampled_from(["is even", "is odd", "is number", "is not string", "is defined"])
    ).map(" ".join),
)
LISTS = st.sampled_from(["xs", "xs|sort", "xs|reverse", "[a, 1, 1]|unique", "[]", "ws", "m"])
PIECES = st.recursive(
    st.one_of(
        st.sampled_from(["plain ", "%%TAG%% ", "\n", "{# note #}", "{% raw %}{{ raw }}{% endraw %}"]),
        st.one_of(NUMBERS, TEXTS).map("{{{{ {} }}}} ".format),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map("".join),
        st.tuples(CONDITIONS, inner, inner).map(
            "{{% if {0[0]} %}}{0[1]}{{%- else %}}{0[2]}{{% endif %}}".format
        ),
        st.tuples(LISTS, CONDITIONS, TEXTS, inner, inner).map(
            "{{% for c in {0[0]} if {0[1]} %}}{{% set u = {0[2]} ~ c %}}{{{{ loop.index }}}}{{{{ u }}}}{0[3]}"
            "{{% else -%}}{0[4]}{{% endfor %}}".format
        ),
    ),
    max_leaves=6,
)
# Assignments come first, because Jinja does not see names that are set below some blocks.
SET = st.one_of(NUMBERS.map("{{% set a = {} %}}".format), TEXTS.map("{{%- set t = {} -%}}".format))


@given(st.lists(SET, max_size=2), PIECES)
@settings(max_examples=400)
def test_agrees_with_jinja(first: list[str], then: str) -> None:
    """Jinja renders every accepted template to the same text."""
    context = {
        "a": 3, "b": -2, "s": "some text", "t": "Tee ß", "xs": [4, 2, 9], "ws": ["w", "V", "u"],
        "m": {"k": 5, "z": "zed"}, "loop": {"index": 0},
    }  # fmt: skip
    source, rendered = "".join(first) + then, None
    with contextlib.suppress(TemplateError):
        rendered = Templates().render(source, context)
    assume(rendered is not None)
    jinja = jinja2.sandbox.ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False, optimized=False
    )
    assert jinja.from_string(source).render(context) == rendered
