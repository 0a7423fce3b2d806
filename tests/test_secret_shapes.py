"""Credentials in texts: what is found, and what only looks like one."""

from __future__ import annotations

import pytest

from sendspec.repository_texts import RepositoryText, TextKind, may_have_secret, survey_texts
from sendspec.secret_shapes import secrets_in_text

# Joined here, because services that scan repositories would report the whole tokens.
TOKENS = {
    "github": "ghp_" + "a1B2c3D4e5F6" * 3,
    "github_pat": "github_pat_" + "11ABCDEFG0aBcDeFgHiJkL",
    "gitlab": "glpat-" + "aB3dE6gH9jK2mN5pQ8rS",
    "aws": "AKIA" + "QW3RTY4UIOP5ASDF",
    "slack": "xoxb-" + "123456789012-abcdefghij",
    "slack_hook": "https://hooks.slack.com/services/" + "T0AAA/B0BBB/abcDEF123",
    "stripe": "sk_live_" + "aB3dE6gH9jK2mN5p",
    "google": "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "google_oauth": "GOCSPX-" + "aB3dE6gH9jK2mN5pQ8rS",
    "sendgrid": "SG." + "aB3dE6gH9jK2mN5pQ8rSt1." + "aB3dE6gH9jK2mN5pQ8rSt1",
    "npm": "npm_" + "a1B2c3D4e5F6" * 3,
    "pypi": "pypi-AgE" + "a1B2c3D4e5F6" * 4,
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
    "pem": "-----" + "BEGIN" + " OPENSSH PRIVATE KEY-----",
}
SECRET_LINES = {
    "a URI": ("warehouse: postgresql://ann:kV7w2m9Q@db/crm", 11, "password-in-uri"),
    "a key": ("client_secret: kV7w2m9Q", 15, "secret-key"),
    "a quoted key": ('  "refreshToken": "kV7w2m9Q"', 19, "secret-key"),
    "a key in braces": ("vars: {a: 1, api-key: 'kV7w2m9Q'}", 23, "secret-key"),
    "a comment": ("# password: hunter2", 12, "secret-key"),
    "an environment file": ("export SENDSPEC_CLIENT_SECRET=kV7w2m9Q", 30, "secret-key"),
    "a key of one word": ("signingkey: kV7w2m9Q", 12, "secret-key"),
    "a random token": ("  token: Zx9Kq2LmP0sTuVwY7aBcD3e", 9, "secret-key"),
    "a value before a comment": ("password: hunter2 # of Ann", 10, "secret-key"),
}
HARMLESS = (
    'publishedMessageId: "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"',
    "token: e3c3d1ea-e54b-458d-b32b-18a99f63b58c",
    'digest: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
    "secret: scrypt:9f86d081884c7d659a2feaa0c55ad015",
    'content: "Your password: hunter22. Reply STOP to opt out."',
    'content: "Acme: forgot your password? https://acme.example/reset?token=%%TOKEN%%"',
    'vars: {password: "{{ generated }}", api_key: $API_KEY, client_secret: ${CLIENT_SECRET}, secret: }',
    'password: "%%PASSWORD%%"',
    "refresh_token: <your refresh token>",
    "client_secret: xxxxxxxxxxxx",
    "client_secret: your-client-secret",
    "password: changeme",
    "secret: tonight",
    "token: spring-sale-2026-en",
    "token: 4396816000",
    "- postgresql://user:password@host/database",
    "link: https://acme.example/a:b@c",
    "url: http://127.0.0.1:8080/rest",
    "keyword: kV7w2m9QxT4bkV7w2m9QxT4b",
    "monkey: kV7w2m9QxT4bkV7w2m9QxT4b",
    "passwords: [a, b]",
    "AccessKeyId: " + "AKIA" + "IOSFODNN7EXAMPLE, secret_access_key: 'wJalrXUtnFEMIEXAMPLEKEY7'",
    "PWD: /home/ann2/project",
    '"output_token": "CloudFrontOriginAccessIdentityList.NextMarker"',
    "https://ann:kV7w2m9Q@example.com/simple, https://a:b@host",
    "description: the risk_assessment_of_2026 and task_list_of_the_spring_sale",
    "Wir senden das Passwort: geheim123 per Post",
    "AKIA is a town, ASIAN food is not; sg.uk, eyjafjall.eyjafjoll",
)


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("line", ["{}", 'vars: {{a: "{}"}}', "see {}, please", "https://acme.example/?k={}"])
def test_tokens_of_issuers_are_found(name, line):
    """A token is found once, at its first character, whatever is around it, and the quick check agrees."""
    if name == "slack_hook" and "://" in line:
        line = "{}"
    text = line.format(TOKENS[name])
    (found,) = secrets_in_text(text)
    start = text.index(TOKENS[name].removeprefix("https://"))
    assert (found.offset, found.reason, found.name) == (start, "known-shape", name.partition("_")[0])
    assert may_have_secret(text)


@pytest.mark.field_case(35)
@pytest.mark.parametrize(("line", "offset", "reason"), SECRET_LINES.values(), ids=SECRET_LINES)
def test_values_of_keys_and_passwords_are_found(line, offset, reason):
    """The location is that of the value, or of the URI."""
    ((start, found, _name),) = secrets_in_text(line)
    assert (start, found) == (offset, reason)
    assert may_have_secret(line)


@pytest.mark.parametrize("line", HARMLESS)
def test_ids_templates_and_placeholders_are_not_secrets(line):
    """UUIDs, digests, sentences, templates and placeholders have no findings."""
    assert list(secrets_in_text(line)) == []


def test_a_survey_never_keeps_the_value():
    """The facts have the location and the name, also of a credential of this environment."""
    value = "kV7w2m9QxT4b"
    texts = [RepositoryText("a.md", f"one\ntwo {value}\nclient_secret={value}\n", TextKind.SPEC)]
    facts = survey_texts(texts, {"SENDSPEC_CLIENT_SECRET": value, "SENDSPEC_LOG_KEY": "two"})
    assert [(str(found.location), found.reason) for found in facts.secrets] == [
        ("a.md:2:5", "own-credential"),
        ("a.md:3:15", "secret-key"),
    ]
    assert value not in repr(facts)


def test_windows_line_ends():
    """A line may end with CR LF."""
    found = survey_texts(
        [RepositoryText("a.yaml", "a: 1\r\nclient_secret: kV7w2m9Q\r\n", TextKind.SPEC)], {}
    ).secrets
    assert [str(secret.location) for secret in found] == ["a.yaml:2:16"]


def test_the_body_of_a_list_has_no_keys():
    """Only the header of a list is searched for shapes; its cells are values of recipients."""
    rows = f"phone,password\n12125550101,{TOKENS['github']}\n"
    assert survey_texts([RepositoryText("a.csv", rows)], {}).secrets == ()
    header = survey_texts([RepositoryText("a.csv", f"phone,{TOKENS['github']}\n1,2\n")], {}).secrets
    assert [str(found.location) for found in header] == ["a.csv:1:7"]


def test_other_files_may_have_tokens_for_tests():
    """A file that is not a spec is searched for the credentials of this environment only."""
    assert survey_texts([RepositoryText("fixtures.json", TOKENS["github"])], {}).secrets == ()
