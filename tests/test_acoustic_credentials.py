"""Credentials: complete or refused by name, and never in sight."""

from __future__ import annotations

import traceback
from itertools import combinations

import pytest

from sendspec.acoustic import Credentials
from sendspec.errors import CredentialsError

ENVIRONMENT = {
    "SENDSPEC_CLIENT_ID": "an-id",
    "SENDSPEC_CLIENT_SECRET": "a secret",
    "SENDSPEC_REFRESH_TOKEN": "refresh+me",
}
SOME_MISSING = [gone for count in (1, 2, 3) for gone in combinations(ENVIRONMENT, count)]


def test_complete_environment():
    """All three variables make credentials, exactly as they are."""
    found = Credentials.from_environment({**ENVIRONMENT, "HOME": "/"})
    assert found == Credentials("an-id", "a secret", "refresh+me")


@pytest.mark.parametrize("blank", [None, "", " \n"])
@pytest.mark.parametrize("gone", SOME_MISSING, ids=" ".join)
def test_missing_variables(gone, blank):
    """Exactly the variables that are missing or blank are named, and the others' values are not."""
    kept = {name: value for name, value in ENVIRONMENT.items() if name not in gone}
    blanks = {} if blank is None else dict.fromkeys(gone, blank)
    with pytest.raises(CredentialsError) as caught:
        Credentials.from_environment(kept | blanks)
    named = {name for name in ENVIRONMENT if name in str(caught.value)}
    assert named == set(gone)
    assert caught.value.hint
    shown = "".join(traceback.format_exception(caught.value))
    assert not any(value in shown for value in ENVIRONMENT.values())


def test_representation_hides_values():
    """Printing credentials, or anything that holds them, shows no value."""
    assert repr([Credentials.from_environment(ENVIRONMENT)]) == "[Credentials()]"


def test_secrets_as_they_travel():
    """What is to be masked includes the form-encoded shape."""
    assert {"an-id", "a secret", "a+secret", "refresh+me", "refresh%2Bme"} == set(
        Credentials.from_environment(ENVIRONMENT).secrets
    )
