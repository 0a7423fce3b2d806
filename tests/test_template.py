"""Templates: what they print, and the errors about what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from sendspec.template import TemplateError, Templates, is_template
from sendspec.template.budget import STEPS_MAX, Budget
from sendspec.template.evaluate import evaluate
from sendspec.template.parser import parse

CONTEXT: dict[str, Any] = {
    "campaign": "spring-sale",
    "send": {"id": "teaser", "address": "spring-sale/teaser[en]"},
    "target": "sandbox",
    "discount": 20,
    "price": 19.9,
    "live": True,
    "nothing": None,
    "names": ["bo", "Al", "cy"],
    "numbers": [3, 1, 2],
    "empty": [],
    "shop": {"name": "Acme", "city": {"en": "Paris", "fr": "Paris!"}},
    "offers": [{"name": "hat", "price": 5}, {"name": "bag", "price": 9}],
    "text": "hello wörld",
    "digits": " 042 ",
}


def render(source: str) -> str:
    return Templates().render(source, CONTEXT)


PRINTED = [
    ("{{ campaign }}-teaser", "spring-sale-teaser"),
    ("hi %%FIRST NAME%%, {{ discount }}% off", "hi %%FIRST NAME%%, 20% off"),
    ("{{ send.id }}", "teaser"),
    ("{{ shop.city['fr'] }}", "Paris!"),
    ("{{ offers[1].name }}", "bag"),
    ("{{ discount }}\n", "20\n"),
    ("{{ '<&>' }}", "<&>"),
    ("a{# b #}c", "ac"),
    ("{% raw %}{{ x }} {% y %}{% endraw %}", "{{ x }} {% y %}"),
    ("{{ '{{' }}", "{{"),
    ("{{ '}}' }}", "}}"),
    ("a  {{- discount -}}  b", "a20b"),
    ("{% if live and not nothing %}on{% elif discount %}or{% else %}off{% endif %}", "on"),
    ("{% if not live %}on{% elif discount > 10 %}or{% else %}off{% endif %}", "or"),
    ("{% if nothing %}on{% elif discount < 10 %}or{% else %}off{% endif %}", "off"),
    ("{{ nothing or 'b' }}", "b"),
    ("{{ 'a' or nothing.x }}", "a"),
    ("{{ '' and nothing.x }}", ""),
    ("{{ 'yes' if discount == 20 else 'no' }}", "yes"),
    (
        "{% for n in names %}{{ loop.index }}{{ n }}{% if not loop.last %},{% endif %}{% endfor %}",
        "1bo,2Al,3cy",
    ),
    ("{% for n in names %}{{ n }}{{ '' if loop.last else ', ' }}{% endfor %}", "bo, Al, cy"),
    ("{% for n in empty %}{{ n }}{% else %}none{% endfor %}", "none"),
    ("{% for n in numbers if n > 1 %}{{ n }}/{{ loop.length }} {% endfor %}", "3/2 2/2 "),
    ("{% for n in numbers %}{{ loop.index0 }}{{ loop.revindex }} {% endfor %}", "03 12 21 "),
    ("{% for n in numbers %}{{ loop.first }} {% endfor %}", "true false false "),
    ("{% for n in numbers %}{{ loop.previtem|d('-') }}{{ loop.nextitem|d('-') }} {% endfor %}", "-1 32 1- "),
    ("{% for k, v in {'b': 1, 'a': 2}|items %}{{ k }}{{ v }}{% endfor %}", "a2b1"),
    ("{% for k in {'b': 1, 'a': 2} %}{{ k }}{% endfor %}", "ab"),
    ("{% set x = discount * 2 %}{{ x }}", "40"),
    ("{% set a, b = [1, 2] %}{{ b }}{{ a }}", "21"),
    ("{% set x = 1 %}{% for n in numbers %}{% set x = n %}{% endfor %}{{ x }}", "1"),
    ("{% if live %}{% set x = 2 %}{% endif %}{{ x }}", "2"),
    ("{{ 7 // 2 }}", "3"),
    ("{{ 7 % 4 }}", "3"),
    ("{{ 7 / 2 }}", "3.5"),
    ("{{ 2 * 3 + 4 - 1 }}", "9"),
    ("{{ -discount }}", "-20"),
    ("{{ +1 }}", "1"),
    ("{{ 'a' + 'b' }}", "ab"),
    ("{{ 'a' ~ 1 ~ true ~ 1.5 }}", "a1true1.5"),
    ("{{ price }}", "19.9"),
    ("{{ price|fixed }}", "19.90"),
    ("{{ 2.675|fixed }}", "2.68"),
    ("{{ 3|fixed(1) }}", "3.0"),
    ("{{ -0.001|fixed }}", "0.00"),
    ("{{ live }}", "true"),
    ("{{ discount == 1 }}", "false"),
    ("{{ 1 < 2 <= 2 != 3 }}", "true"),
    ("{{ 'a' in text }}", "false"),
    ("{{ 'wö' in text }}", "true"),
    ("{{ 'x' not in names }}", "true"),
    ("{{ 'name' in shop }}", "true"),
    ("{{ 3 in numbers }}", "true"),
    ("{{ text[:5] }}", "hello"),
    ("{{ numbers[1:]|join('-') }}", "1-2"),
    ("{{ text[::-1][:3] }}", "dlr"),
    ("{{ names[-1] }}", "cy"),
    ("{{ x|default('d') }}", "d"),
    ("{{ shop.x|d('e') }}", "e"),
    ("{{ ''|default('f', true) }}", "f"),
    ("{{ 'g'|default('h') }}", "g"),
    ("{{ x is defined }}", "false"),
    ("{{ discount is divisibleby 5 }}", "true"),
    ("{{ discount is even }}", "true"),
    ("{{ 3 is odd }}", "true"),
    ("{{ text is string }}", "true"),
    ("{{ shop is mapping }}", "true"),
    ("{{ nothing is none }}", "true"),
    ("{{ 3 is not number }}", "false"),
    ("{{ x is undefined }}", "true"),
    ("{{ 1 is integer }}", "true"),
    ("{{ true is integer }}", "false"),
    ("{{ 1.5 is float }}", "true"),
    ("{{ live is boolean }}", "true"),
    ("{{ live is true }}", "true"),
    ("{{ live is false }}", "false"),
    ("{{ names is sequence }}", "true"),
    ("{{ 1 is eq 1 }}", "true"),
    ("{{ 1 is ne 1 }}", "false"),
    ("{{ 1 is lt 2 }}", "true"),
    ("{{ 1 is le 1 }}", "true"),
    ("{{ 1 is gt 2 }}", "false"),
    ("{{ 1 is ge 2 }}", "false"),
    ("{{ 1 is in [1] }}", "true"),
    ("{{ text|upper }}", "HELLO WÖRLD"),
    ("{{ 'ABC'|lower }}", "abc"),
    ("{{ text|capitalize }}", "Hello wörld"),
    ("{{ text|title }}", "Hello Wörld"),
    ("{{ ' a '|trim }}", "a"),
    ("{{ text|replace('l', 'L') }}", "heLLo wörLd"),
    ("{{ text|replace('l', '', 1) }}", "helo wörld"),
    ("{{ 'ab'|replace('', '-') }}", "-a-b-"),
    ("{{ names|join(', ') }}", "bo, Al, cy"),
    ("{{ offers|join('+', attribute='name') }}", "hat+bag"),
    ("{{ [1, true]|join }}", "1true"),
    ("{{ names|sort|join }}", "Albocy"),
    ("{{ ['b', 'A', 'a', 'B']|sort|join }}", "AabB"),
    ("{{ ['b', 'A', 'a', 'B']|sort(case_sensitive=true)|join }}", "ABab"),
    ("{{ numbers|sort(reverse=true)|join }}", "321"),
    ("{{ (offers|sort(attribute='price')|last).name }}", "bag"),
    ("{{ ['a', 'A', 'b', 'a']|unique|join }}", "ab"),
    ("{{ ['a', 'A']|unique(case_sensitive=true)|join }}", "aA"),
    ("{{ numbers|min }}", "1"),
    ("{{ numbers|max }}", "3"),
    ("{{ names|min }}", "Al"),
    ("{{ names|min(case_sensitive=true) }}", "Al"),
    ("{{ empty|max|default('-') }}", "-"),
    ("{{ numbers|sum }}", "6"),
    ("{{ offers|sum(attribute='price') }}", "14"),
    ("{{ empty|sum(start=4) }}", "4"),
    ("{{ names|first }}", "bo"),
    ("{{ names|last }}", "cy"),
    ("{{ text|first }}", "h"),
    ("{{ empty|first|default('-') }}", "-"),
    ("{{ text|length }}", "11"),
    ("{{ names|count }}", "3"),
    ("{{ shop|length }}", "2"),
    ("{{ 'abc'|reverse }}", "cba"),
    ("{{ numbers|reverse|join }}", "213"),
    ("{{ 'ab'|list|join('.') }}", "a.b"),
    ("{{ digits|int + 1 }}", "43"),
    ("{{ 12.9|int }}", "12"),
    ("{{ 'x'|int(7) }}", "7"),
    ("{{ '3.7'|int }}", "3"),
    ("{{ '1.50'|float }}", "1.5"),
    ("{{ 'x'|float(2) }}", "2.0"),
    ("{{ 3|float }}", "3.0"),
    ("{{ 2.346|round(2) }}", "2.35"),
    ("{{ 2.5|round(method='ceil')|int }}", "3"),
    ("{{ 2.5|round(method='floor')|int }}", "2"),
    ("{{ (-3)|abs }}", "3"),
    ("{{ 'a b&c/ü'|urlencode }}", "a%20b%26c/%C3%BC"),
    ("{{ 5|string ~ 5 }}", "55"),
]


@pytest.mark.parametrize(("source", "expected"), PRINTED, ids=[source for source, _ in PRINTED])
def test_prints(source: str, expected: str) -> None:
    """Each part of the language prints what its documentation says."""
    assert render(source) == expected


REFUSED = [
    ("{{ campaing }}", "'campaing' is undefined", "did you mean 'campaign'?"),
    ("{{ zzz }}", "'zzz' is undefined", "known names: campaign, digits"),
    ("{{ shop.nme }}", "'nme' not found in a mapping", "did you mean 'name'? known keys: city, name"),
    ("{{ names[3] }}", "item 3 not found in a list of length 3", None),
    ("{{ nothing.x }}", "'x' not found in nothing (null)", None),
    (
        "{% for n in names %}{{ loop.lenth }}{% endfor %}",
        "'loop' does not have this field",
        "did you mean 'length'?",
    ),
    ("{% if x %}a{% endif %}", "'x' is undefined", None),
    ("{% set y = x %}", "'x' is undefined", None),
    ("{{ 1 if false }}", "the condition is false and has no 'else'", None),
    ("{{ nothing }}", "cannot print 'nothing': it is nothing (null)", "{% if x is not none %}"),
    ("{{ names }}", "cannot print 'names': it is a list", "|join(', ')"),
    ("{{ shop.city }}", "cannot print 'shop.city': it is a mapping", "{{ mapping.key }}"),
    ("{% for n in names %}{{ loop }}{% endfor %}", "cannot print 'loop': it is a loop", "{{ loop.index }}"),
    (
        "{{ 0.1 + 0.2 }}",
        "cannot print this expression: its decimals are not exact (0.30000000000000004)",
        "|fixed(2)",
    ),
    ("{{ 1e22 }}", "cannot print this expression: its decimals are not exact (1e+22)", "|fixed(2)"),
    ("{{ 'a' ~ nothing }}", "cannot print 'nothing': it is nothing (null)", None),
    ("{{ ['a', none]|join }}", "the input of 'join' must be text, not nothing (null)", None),
    ("{{ 'x'|uper }}", "unknown filter 'uper'", "did you mean 'upper'? known filters: abs"),
    ("{{ 1 is evn }}", "unknown test 'evn'", "did you mean 'even'?"),
    ("{{ 'x'|upper(1) }}", "filter 'upper' does not accept these arguments", None),
    ("{{ 'x'|replace('a') }}", "filter 'replace' does not accept these arguments", None),
    ("{{ numbers|sort(by=1) }}", "filter 'sort' does not accept these arguments", None),
    ("{{ 'x'|upper(value='y') }}", "filter 'upper' does not accept these", None),
    ("{{ 'x'|replace(*names) }}", "'*' and '**' in arguments", None),
    ("{{ 'a' + 1 }}", "the left side of '+' must be a number, not text", "'~' to join"),
    ("{{ 1 + true }}", "the right side of '+' must be a number, not true or false", None),
    ("{{ 'a' * 3 }}", "the left side of '*' must be a number, not text", None),
    ("{{ numbers * 3 }}", "the left side of '*' must be a number, not a list", None),
    ("{{ '%5d' % 1 }}", "the left side of '%' must be a number", "|fixed(2)"),
    ("{{ 1 / 0 }}", "the right side of '/' is 0", None),
    ("{{ 1 is divisibleby 0 }}", "the right side of '%' is 0", None),
    ("{{ 'a' < 1 }}", "'<' cannot compare text with a number", None),
    ("{{ [1, 'a']|sort }}", "'sort' cannot compare a number with text", None),
    ("{{ 1 in 'a1' }}", "the left side of 'in' must be text, not a number", None),
    ("{% for c in text %}{% endfor %}", "the value of a loop must be a list, not text", "|list"),
    ("{% for a, b in [[1]] %}{% endfor %}", "cannot unpack a list of 1 into 2 names", None),
    ("{{ 'x'|int }}", "the input of 'int' must be a number, not text", "{{ x|int(0) }}"),
    ("{{ text[::0] }}", "the step of a slice must not be 0", None),
    ("{{ 5[1:] }}", "a slice requires text or a list, not a number", None),
    ("{{ 1|round(13) }}", "'precision' must be from 0 to 12", None),
    ("{{ 1|round('a') }}", "'precision' must be an integer, not text", None),
    ("{{ text[1.5:] }}", "the bound of a slice must be an integer", None),
    ("{{ numbers|sum(attribute=1.5) }}", "'attribute' must be a name, not a number", None),
    ("{{ offers|join(attribute='size') }}", "'size' not found in a mapping", "known keys: name, price"),
    ("{{ 1|round(method='up') }}", "'method' must be 'common', 'ceil' or 'floor'", None),
    ("{{ 1e20|fixed }}", "the input of 'fixed' is too large", None),
    ("{{ 1e300 * 1e300 }}", "the result of '*' is not a finite number", None),
    ("{{ text|items }}", "the input of 'items' must be a mapping, not text", None),
    ("{{ 5|length }}", "the input of 'length' must be a list, not a number", None),
    ("{{ {1: 2} }}", "a key must be text, not a number", None),
    ("{{ '\\ud800'|urlencode }}", "half a surrogate pair", None),
    ("{{ campaign", "template syntax error: unexpected end of template", "{% raw %}"),
    ("{% if live %}x", "template syntax error: unexpected end of template; the block 'if' is open", None),
    ("{% fi %}", "template syntax error: encountered unknown tag 'fi'", None),
    ("{{ campaign.upper() }}", "calls are not supported in templates", "{{ name|upper }}"),
    ("{% macro m() %}{% endmacro %}", "{% macro %} is not supported in templates", None),
    ("{% call m() %}{% endcall %}", "{% call %} is not supported in templates", None),
    ("{% include '/etc/passwd' %}", "{% include %} is not supported in templates", None),
    ("{% import 'x' as y %}", "{% import %} is not supported in templates", None),
    ("{% from 'x' import y %}", "{% from %} is not supported in templates", None),
    ("{% extends 'x' %}", "{% extends %} is not supported in templates", None),
    ("{% block x %}{% endblock %}", "{% block %} is not supported in templates", None),
    ("{% with a = 1 %}{% endwith %}", "{% with %} is not supported in templates", None),
    ("{% filter upper %}x{% endfilter %}", "{% filter %} is not supported in templates", None),
    ("{% set x %}y{% endset %}", "{% set x %}…{% endset %} is not supported", "{% set x = … %}"),
    ("{% set ns.x = 1 %}", "only names can be assigned", None),
    ("{% autoescape true %}{% endautoescape %}", "{% autoescape %} is not supported in templates", None),
    ("{% for n in names recursive %}{% endfor %}", "recursive loops are not supported", None),
    ("{% set loop = 1 %}", "the name 'loop' is reserved for loops", None),
    ("{{ text._x|default('a') }}", "'_x': names that start with '_' are not allowed", None),
    ("{{ " + "(" * 40 + "1" + ")" * 40 + " }}", "the template is nested deeper than 32 levels", None),
    ("{{ 2 ** 3 }}", "'**' is not supported in templates", None),
]


@pytest.mark.parametrize(("source", "message", "hint"), REFUSED, ids=[source for source, *_ in REFUSED])
def test_refuses(source: str, message: str, hint: str | None) -> None:
    """An invalid template is refused with a message, its line, and a hint if there is one."""
    with pytest.raises(TemplateError) as caught:
        render("\n\n" + source)
    assert message in caught.value.message
    assert hint is None or hint in (caught.value.hint or "")
    assert caught.value.line == 3
    assert not caught.value.message.endswith(".")


def test_renderings_are_independent() -> None:
    """A name set by one rendering is not visible in the next, and each uses its own context."""
    templates = Templates()
    assert [templates.render("{{ n }}", {"n": n}) for n in range(3)] == ["0", "1", "2"]
    assert templates.render("{% set n = 9 %}{{ n }}", {"n": 1}) == "9"
    assert templates.render("{{ n }}", {"n": 1}) == "1"


PIECES = [
    *("{{ campaign }}", "{{discount}}", "{{  send.id  }}", "{{ price }}", "{{ live }}", "{{ nothing }}"),
    *("{{ absent }}", "{{ shop.absent }}", "{{ shop }}", "{{ true }}", "{{ not }}", "{{ loop.index }}"),
    *(
        "{{ texts[campaign] }}",
        "{{texts[send]}}",
        "{{ texts[discount] }}",
        "{{ texts[shop] }}",
        "{{ texts[not] }}",
    ),
    *(
        "{{ texts[absent] }}",
        "{{ absent[campaign] }}",
        "{{ texts[true] }}",
        "{{ texts[loop] }}",
        "{{ texts [zip] }}",
    ),
    *("{{ names[campaign] }}", "{{ campaign[campaign] }}", "{{ texts[campaign].x }}", "{{ texts[live] }}"),
    *("{{ big }}", "{{ long }}", "{{ _x }}", "{{ send._x }}", "{{ send.id.x }}", "{{ send .id }}"),
    *(
        "{{- text -}}",
        "{{ text }",
        "{ text }}",
        "{",
        "}",
        "{{",
        "}}",
        "{#",
        "%}",
        "%%TAG%%",
        " text\n",
        "\r\n",
    ),
]
"""Parts of templates, which are joined in pairs: whole names, and syntax beside or inside them."""


@pytest.mark.parametrize("first", PIECES)
def test_templates_of_names_print_as_the_evaluator_does(first: str) -> None:
    """A template that only prints names has the text, the errors and the work that the evaluator has."""
    texts = {CONTEXT["campaign"]: "of the campaign", "none": "none", "true": "true", "loop": "loop"}
    context = CONTEXT | {"big": 10**30, "long": "x" * 30_000, "texts": texts}

    def outcome(source: str, *, evaluated: bool) -> tuple[object, int]:
        templates, budget = Templates(), Budget()
        try:
            if evaluated and is_template(source):
                return evaluate(parse(source), context, budget), STEPS_MAX - budget.left
            return templates.render(source, context), max(0, templates.steps - 1)
        except TemplateError as error:
            work = STEPS_MAX - budget.left if evaluated else templates.steps - 1
            return (error.message, error.hint, error.line), work

    for source in (f"a {first}{first} b", *(first + second for second in PIECES)):
        assert outcome(source, evaluated=False) == outcome(source, evaluated=True), source
