"""Settings with unknown names, invalid values, or hosts that are not allowed."""

from __future__ import annotations

from tests.bad import SETTINGS, Bad


def settings(line: str) -> dict[str, str | bytes]:
    return {SETTINGS: f"version: 1\n{line}\n"}


def target(setting: str, name: str = "production") -> dict[str, str | bytes]:
    return settings(f"targets:\n  {name}: {{{setting}}}")


CASES = {
    "an empty file": Bad(f"{SETTINGS}:1:1: error:", {SETTINGS: ""}),
    "no version": Bad(f"{SETTINGS}:1:1: error:", {SETTINGS: "targets: {}\n"}),
    "another version": Bad(f"{SETTINGS}:1:10: error:", {SETTINGS: "version: 2\n"}),
    "an unknown key": Bad(f"{SETTINGS}:2:1: error:", settings("tagets: {}"), end="did you mean 'targets'?"),
    "targets as a list": Bad(f"{SETTINGS}:2:10: error:", settings("targets: [production]")),
    "a target without a host": Bad(f"{SETTINGS}:3:15: error:", target("ledger: file")),
    "a target that leaves the folder": Bad(
        f"{SETTINGS}:3:3: error:", target("pod: us-1", name="../production")
    ),
    "an unknown pod": Bad(f"{SETTINGS}:3:21: error:", target("pod: us-9")),
    "a pod and a host": Bad(f"{SETTINGS}:3:15: error:", target("pod: us-1, baseUrl: 'http://127.0.0.1'")),
    "an unknown ledger": Bad(f"{SETTINGS}:3:35: error:", target("pod: us-1, ledger: s3")),
    "concurrency 0": Bad(f"{SETTINGS}:3:40: error:", target("pod: us-1, concurrency: 0")),
    "concurrency 11": Bad(f"{SETTINGS}:3:40: error:", target("pod: us-1, concurrency: 11")),
    "a secret in the settings": Bad(f"{SETTINGS}:3:27: error:", target("pod: us-1, clientSecret: hunter2")),
    "a foreign host": Bad(f"{SETTINGS}:3:25: error:", target("baseUrl: 'https://api.example.com'")),
    "a host that looks like the vendor's": Bad(
        f"{SETTINGS}:3:25: error:", target("baseUrl: 'https://api-campaign-us-1.goacoustic.com.example.com'")
    ),
    "the vendor without encryption": Bad(
        f"{SETTINGS}:3:25: error:", target("baseUrl: 'http://api-campaign-us-1.goacoustic.com'")
    ),
    "a host after a user name": Bad(
        f"{SETTINGS}:3:25: error:", target("baseUrl: 'https://api-campaign-us-1.goacoustic.com@example.com'")
    ),
    "a host with a path": Bad(f"{SETTINGS}:3:25: error:", target("baseUrl: 'http://127.0.0.1/rest'")),
    "a host that is not a URL": Bad(f"{SETTINGS}:3:25: error:", target("baseUrl: production")),
    "a port that does not exist": Bad(
        f"{SETTINGS}:3:25: error:", target("baseUrl: 'http://127.0.0.1:99999'")
    ),
    "a sandbox elsewhere": Bad(
        f"{SETTINGS}:3:22: error:",
        target("baseUrl: 'https://api-campaign-us-1.goacoustic.com'", name="sandbox"),
    ),
    "prices without a currency": Bad(f"{SETTINGS}:2:10: error:", settings("pricing: {perSegment: {US: 1}}")),
    "a negative price": Bad(
        f"{SETTINGS}:2:43: error:", settings("pricing: {currency: USD, perSegment: {US: -0.1}}")
    ),
    "a price without a country": Bad(
        f"{SETTINGS}:2:10: error:",
        settings("pricing: 0.04"),
        end="write it as {currency: USD, perSegment: {US: 0.0079, default: 0.05}}",
    ),
    "a price in words": Bad(
        f"{SETTINGS}:2:43: error:", settings("pricing: {currency: USD, perSegment: {US: cheap}}")
    ),
    "a country by another name": Bad(
        f"{SETTINGS}:2:39: error:",
        settings("pricing: {currency: GBP, perSegment: {UK: 0.04}}"),
        end="did you mean 'GB'?",
    ),
    "a country in small letters": Bad(
        f"{SETTINGS}:2:39: error:", settings("pricing: {currency: GBP, perSegment: {gb: 0.04}}")
    ),
    "a negative budget": Bad(f"{SETTINGS}:2:25: error:", settings("rules: {budget: {total: -1}}")),
    "an unknown rule": Bad(
        f"{SETTINGS}:2:9: error:", settings("rules: {scedule: off}"), end="did you mean 'schedule'?"
    ),
    "a rule that is switched off with no": Bad(
        f"{SETTINGS}:2:26: error:", settings("rules: {opt-out-missing: no}"), end="did you mean 'off'?"
    ),
    "a rule that is switched off with false": Bad(
        f"{SETTINGS}:2:26: error:", settings("rules: {opt-out-missing: false}"), end="did you mean 'off'?"
    ),
    "a level of null": Bad(
        f"{SETTINGS}:2:34: error:",
        settings("rules: {opt-out-missing: {level: null}}"),
        end="did you mean 'off'?",
    ),
    "an unknown level": Bad(f"{SETTINGS}:2:19: error:", settings("rules: {schedule: fatal}")),
    "an unknown option": Bad(f"{SETTINGS}:2:26: error:", settings("rules: {max-recipients: {limt: 5}}")),
    "an option of another type": Bad(
        f"{SETTINGS}:2:33: error:", settings("rules: {max-recipients: {limit: many}}")
    ),
    "too many recipients": Bad(
        "campaigns/bad.yaml:", settings("rules: {max-recipients: {limit: 2}}"), code=3
    ),
}
