"""Which targets are real, through the command itself."""

from __future__ import annotations

from tests.projects import GATE, project, sendspec

THIS_MACHINE = ("http://localhost:8080", "http://127.9.9.9:8080", "http://[::1]:8080", "https://LOCALHOST")


def test_targets_on_this_machine_are_not_real(tmp_path):
    """Each spelling of loopback is allowed, and fictional numbers are valid there."""
    targets = "".join(
        f"  here-{at}: {{baseUrl: '{url}', sandbox: true}}\n" for at, url in enumerate(THIS_MACHINE)
    )
    settings = f"version: 1\ntargets:\n{targets}  real: {{pod: us-1}}\n"
    project(tmp_path / "specs", GATE, settings=settings)
    for at, _ in enumerate(THIS_MACHINE):
        done = sendspec("validate", "--target", f"here-{at}", where=tmp_path)
        assert (done.code, done.out) == (0, ""), done.err
    done = sendspec("validate", "--target", "real", where=tmp_path)
    assert (done.code, "[fictional-number]" in done.out) == (3, True)
