"""Disk cache of the numbering plans: used if it is whole and safe, and otherwise rebuilt in memory."""

from __future__ import annotations

import os
from importlib.metadata import version

import pytest

from sendspec.phone.plan_cache import load_or_compile

PLANS = {"1": [["US"], [10], "[2-9]\\d{9}(?P<US>)", "[2-9]\\d{9}", "1"]}


class Compiler:
    """Counts how often the plans are compiled."""

    def __init__(self):
        self.runs = 0

    def __call__(self):
        self.runs += 1
        return PLANS


def load(compiler, cache, form=1):
    """Load the plans with `cache` as the user's cache directory."""
    return load_or_compile(form, {"XDG_CACHE_HOME": str(cache)}, compiler)


def only_file(cache):
    [file] = (cache / "sendspec").iterdir()
    return file


@pytest.fixture
def compiler(tmp_path):
    """A compiler whose plans are in the cache `tmp_path` already."""
    compiler = Compiler()
    assert load(compiler, tmp_path) == PLANS
    assert compiler.runs == 1
    return compiler


def test_plans_are_compiled_once(compiler, tmp_path):
    """A second run reads the file, whose name has the versions and which only its owner may read."""
    assert load(compiler, tmp_path) == PLANS
    assert compiler.runs == 1
    file = only_file(tmp_path)
    assert version("phonenumbers") in file.name
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_another_form_is_compiled_again(compiler, tmp_path):
    """Plans of another form of sendspec are neither read nor replaced."""
    assert load(compiler, tmp_path, form=2) == PLANS
    assert compiler.runs == 2
    assert len(list((tmp_path / "sendspec").iterdir())) == 2


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda content: content[:-1], id="cut"),
        pytest.param(lambda content: content.replace(b"US", b"CA"), id="edited"),
        pytest.param(lambda content: content.partition(b"\n")[2], id="without its digest"),
        pytest.param(lambda _: b"\xff" * 100, id="not text"),
    ],
)
def test_a_damaged_file_is_replaced(compiler, tmp_path, damage):
    """A file that is not whole is compiled again, and the next run reads the new one."""
    file = only_file(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert load(compiler, tmp_path) == PLANS
    assert compiler.runs == 2
    assert load(compiler, tmp_path) == PLANS
    assert compiler.runs == 2


def test_a_file_that_others_may_write_is_not_read(compiler, tmp_path):
    """Another user could make every number valid, so such a file is replaced."""
    only_file(tmp_path).chmod(0o622)
    assert load(compiler, tmp_path) == PLANS
    assert compiler.runs == 2
    assert only_file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_pipe_does_not_block(compiler, tmp_path):
    """A pipe of the name of the file is replaced, and a directory of that name is ignored."""
    file = only_file(tmp_path)
    file.unlink()
    os.mkfifo(file)
    assert load(compiler, tmp_path) == PLANS
    assert load(compiler, tmp_path) == PLANS
    assert compiler.runs == 2
    file.unlink()
    file.mkdir()
    assert load(compiler, tmp_path) == PLANS
    assert compiler.runs == 3
    assert list((tmp_path / "sendspec").iterdir()) == [file]


def test_an_unwritable_directory_is_ignored(tmp_path):
    """Without a cache, each run compiles the plans in memory."""
    compiler, blocked = Compiler(), tmp_path / "file"
    blocked.write_text("not a directory")
    for _ in range(2):
        assert load(compiler, blocked) == PLANS
    assert compiler.runs == 2


@pytest.mark.parametrize("environ", [{}, {"XDG_CACHE_HOME": "cache"}, {"HOME": ""}, {"HOME": "home"}])
def test_a_relative_directory_is_ignored(tmp_path, monkeypatch, environ):
    """A relative path would put a cache into the working directory; the XDG specification ignores it."""
    monkeypatch.chdir(tmp_path)
    assert load_or_compile(1, environ, Compiler()) == PLANS
    assert list(tmp_path.iterdir()) == []


def test_the_home_directory_has_the_cache_without_xdg(tmp_path):
    """Without XDG_CACHE_HOME the cache is in ~/.cache/sendspec."""
    load_or_compile(1, {"HOME": str(tmp_path)}, Compiler())
    assert [file.parent for file in tmp_path.rglob("*.json")] == [tmp_path / ".cache" / "sendspec"]
