"""Credentials from the environment: complete, or an error with the names; never printed."""

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
SOME_MISSING = [names for count in (1, 2, 3) for names in combinations(ENVIRONMENT, count)]


def test_complete_environment():
    """The credentials are the exact values of the three variables."""
    credentials = Credentials.from_environment({**ENVIRONMENT, "HOME": "/"})
    assert credentials == Credentials("an-id", "a secret", "refresh+me")


@pytest.mark.parametrize("blank", [None, "", " \n"])
@pytest.mark.parametrize("missing", SOME_MISSING, ids=" ".join)
def test_missing_variables(missing, blank):
    """The error names exactly the missing and blank variables, and shows no value."""
    present = {name: value for name, value in ENVIRONMENT.items() if name not in missing}
    blanks = {} if blank is None else dict.fromkeys(missing, blank)
    with pytest.raises(CredentialsError) as caught:
        Credentials.from_environment(present | blanks)
    named = {name for name in ENVIRONMENT if name in str(caught.value)}
    assert named == set(missing)
    assert caught.value.hint
    text = "".join(traceback.format_exception(caught.value))
    assert not any(value in text for value in ENVIRONMENT.values())


def test_representation_hides_values():
    """The representation of credentials, and of a list of them, shows no value."""
    assert repr([Credentials.from_environment(ENVIRONMENT)]) == "[Credentials()]"


def test_secrets():
    """The texts to mask are the three values."""
    assert Credentials.from_environment(ENVIRONMENT).secrets == ("an-id", "a secret", "refresh+me")
