"""A credential is in a spec or in another file.

What: a campaign, sendspec.yaml or the header of a list has the token of an issuer (GitHub, GitLab, AWS,
Slack, Stripe, Google, SendGrid, npm, PyPI), a JSON Web Token, a private key, a URI with a password, or a
value of a key such as `client_secret` or `password`. Comments count, too. Placeholders, templates, UUIDs
and digests do not. In any file of the project directory that git tracks, the rule finds the values of
`SENDSPEC_CLIENT_SECRET`, `SENDSPEC_REFRESH_TOKEN` and `SENDSPEC_LOG_KEY`, and the password of a
`SENDSPEC_CONNECTION_…`, if this environment has them. The finding does not show the value.

Why: everyone who can read the repository can use the credential, and each clone keeps it. With that of
sendspec, they can send messages to any number.

Source: OWASP, Secrets Management Cheat Sheet. sendspec reads credentials only from the environment, so a
spec never needs one.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        # client_secret: kV7w2m9QxT4b
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "12125550123"}

Good:

    campaign: gate-change
    purpose: transactional
    vars: {coupon: "kV7w2m9QxT4b"}
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12. Your code is {{ coupon }}."
        contacts:
          - {phoneNumber: "12125550123"}
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.model import Level
from sendspec.rules._lib.repository_sends import SendsByLine
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import FoundSecret
    from sendspec.rules._lib.rule import RuleContext

_ISSUED: Final = MappingProxyType(
    {
        "github": "a token of GitHub",
        "gitlab": "a token of GitLab",
        "aws": "an access key of AWS",
        "slack": "a token of Slack",
        "stripe": "a key of Stripe",
        "google": "a key of Google",
        "sendgrid": "a key of SendGrid",
        "npm": "a token of npm",
        "pypi": "a token of PyPI",
        "jwt": "a JSON Web Token",
        "pem": "a private key",
    }
)
_REMOVE: Final = "remove it, and revoke it where it was issued, because each clone keeps it"


class SecretInSpec(Rule):
    """Credentials in specs and in files that git tracks."""

    id = "secret-in-spec"
    group = RuleGroup.PRIVACY
    level = Level.ERROR
    reasons: ClassVar = {
        "known-shape": "a text has the shape of a token or a private key",
        "password-in-uri": "a URI has a password",
        "secret-key": "a key that names a credential has a value",
        "own-credential": "a tracked file has the value of a variable with a credential",
    }

    def check_project(self, context: RuleContext) -> Iterator[Violation]:
        """Report each credential, of a send if its entry has it."""
        sends = SendsByLine(context)
        for secret in context.repository.secrets:
            yield Violation(
                secret.reason,
                _message(secret),
                secret.location,
                _REMOVE,
                send=sends.at(secret.location),
            )


def _message(secret: FoundSecret) -> str:
    match secret.reason:
        case "known-shape":
            return f"this looks like {_ISSUED.get(secret.name, 'a credential')}"
        case "password-in-uri":
            return "this URI has a password"
        case "own-credential":
            return f"git tracks this file with the value of {secret.name}"
        case _:
            return f"the value of '{secret.name}' looks like a credential"
