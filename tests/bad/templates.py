"""Templates that are invalid, not allowed, or too much work."""

from __future__ import annotations

from tests.bad import BAD, CAMPAIGN, Bad, content, edited

_AT = f"{BAD}:7:14: error:"
_NESTED = "{% for a in 'x' * 100 %}"

CASES = {
    "an unknown name": Bad(_AT, content('"{{ discuont }}"')),
    "an unknown attribute": Bad(_AT, content('"{{ send.adress }}"')),
    "a name of another campaign": Bad(_AT, content('"{{ program }}"')),
    "a syntax error": Bad(_AT, content('"{{ 1 + }}"')),
    "an unclosed expression": Bad(_AT, content('"{{ campaign"')),
    "an unclosed block": Bad(_AT, content('"{% if campaign %}"')),
    "an unknown filter": Bad(_AT, content('"{{ campaign|uper }}"')),
    "access to the interpreter": Bad(_AT, content("\"{{ ''.__class__.__mro__ }}\"")),
    "an attribute by name": Bad(_AT, content("\"{{ ''|attr('__class__') }}\"")),
    "a call": Bad(_AT, content('"{{ campaign.upper() }}"')),
    "a file": Bad(_AT, content("\"{% include '/etc/passwd' %}\"")),
    "an import": Bad(_AT, content("\"{% import 'os' as os %}\"")),
    "a macro that calls itself": Bad(_AT, content('"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"')),
    "a string of a gigabyte": Bad(_AT, content("\"{{ 'A' * 10**9 }}\"")),
    "the length of a string of a gigabyte": Bad(_AT, content("\"{{ ('A' * 1000000000)|length }}\"")),
    "a tower of powers": Bad(_AT, content('"{{ 9**9**9**9 }}"')),
    "an endless range": Bad(_AT, content('"{% for i in range(10**12) %}{% endfor %}"')),
    "a width of a gigabyte": Bad(_AT, content("\"{{ 'a'|center(1000000000) }}\"")),
    "a format of a gigabyte": Bad(_AT, content("\"{{ '%1000000000d'|format(1) }}\"")),
    "six loops in each other": Bad(
        _AT, content(f'"{{% set n = [1,2,3,4,5,6,7,8,9,10] %}}{"{% for i in n %}" * 9}{"{% endfor %}" * 9}"')
    ),
    "a string that doubles": Bad(
        _AT, content("\"{% set s = 'xxxxxxxx' %}" + "{% set s = s ~ s %}" * 40 + '"')
    ),
    "1,000 open parentheses": Bad(_AT, content(f'"{{{{ {"(" * 1000} }}}}"')),
    "a division by zero": Bad(_AT, content('"{{ 1 / 0 }}"')),
    "text added to a number": Bad(_AT, content("\"{{ 1 + 'a' }}\"")),
    "text instead of an integer": Bad(
        f"{BAD}:10:19: error:", {BAD: f'{CAMPAIGN}    ttlInMinutes: "{{{{ campaign }}}}"\n'}
    ),
    "a line break in an id": Bad(f"{BAD}:6:23: error:", edited('"148372"', "\"148{{ '\\n' }}372\"")),
    "a control character": Bad(_AT, content("\"{{ '\\x1b' }}[31m\"")),
    "an unknown name in a path": Bad(
        f"{BAD}:8:22: error:", edited("../contacts/people.csv", '"../contacts/{{ locale }}.csv"')
    ),
    "a path out of the project": Bad(
        f"{BAD}:8:22: error:", edited("../contacts/people.csv", "\"{{ '../../people.csv' }}\"")
    ),
    "an unknown name in a contact": Bad(
        f"{BAD}:8:",
        edited(
            "{file: ../contacts/people.csv}",
            "[{contactId: '12125550123', personalization: {NAME: '{{ name }}'}}]",
        ),
    ),
}
