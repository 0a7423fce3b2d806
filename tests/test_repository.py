"""The tree itself: what the README, the docs and the configuration say is what is there."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sysconfig
import tokenize
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
from ruamel.yaml import YAML

from sendspec.errors import ExitCode
from sendspec.model import Sign

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))
PAGES = sorted(
    path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
)
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?P<target>[^)\s]+)\)")
ROW = re.compile(r"^\| `?(?P<key>[^`|]+?)`? \|", re.MULTILINE)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def sources(folder: str) -> list[Path]:
    return [path for path in sorted((ROOT / folder).rglob("*.py")) if "__pycache__" not in path.parts]


# ── README


def blocks() -> list[tuple[str, str]]:
    return [(found["language"], found["body"]) for found in FENCE.finditer(read("README.md"))]


def test_the_readme_is_read_in_one_sitting():
    """A newcomer reads one page; everything longer is in docs/."""
    assert len(read("README.md").splitlines()) <= 150


def test_the_readme_begins_with_two_commands_of_one_line_each():
    """The first block runs the main job, the second the tests; each is pasted whole."""
    first, second = blocks()[:2]
    assert [first[0], second[0]] == ["sh", "sh"]
    assert [len(body.splitlines()) for _, body in (first, second)] == [1, 1]
    assert "sendspec apply" in first[1]
    assert "-m tests" in second[1]


def test_ci_runs_the_second_command_of_the_readme():
    """The same text in both places, so that neither can drift."""
    assert read(".ci/run").splitlines()[-1] == blocks()[1][1].strip()


def test_ci_run_can_be_called():
    """It is executable and bash can read it."""
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0


def table(heading: str) -> set[str]:
    """Give the first column of the README's table whose header row starts with `heading`."""
    body = read("README.md").partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    return {found["key"] for found in ROW.finditer(body.partition("|---|\n")[2])}


def test_the_readme_explains_every_sign():
    """A person who sees a sign in a plan finds it in the table, and no sign that is not there."""
    assert table("sign") == {sign.value for sign in Sign}


def test_the_readme_lists_every_exit_code():
    """Scripts are written against this table."""
    assert table("exit code") == {str(code.value) for code in ExitCode}


# ── pages


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    """Every relative link names a file of the tree, every fragment a heading of it."""
    for found in LINK.finditer(FENCE.sub("", read(page))):
        target, _, fragment = unquote(found["target"]).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), f"{page}: {found['target']}"
        assert not fragment or fragment in anchors(path), f"{page}: {found['target']}"


def anchors(path: Path) -> set[str]:
    """Give the fragments that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_readme():
    """A page that nothing links to is a page that nobody reads; decisions are listed by their folder."""
    reached, waiting = set(), ["README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for found in LINK.finditer(FENCE.sub("", read(page))):
            target = found["target"].partition("#")[0]
            path = ((ROOT / page).parent / target).resolve()
            name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
            if name in PAGES and name not in reached:
                waiting.append(name)
    assert {page for page in PAGES if not page.startswith("docs/decisions/")} <= reached


def test_decisions_are_numbered_without_gaps_and_of_one_shape():
    """`0001-title.md`: a title with its number, context, decision, consequences."""
    paths = sorted((ROOT / "docs" / "decisions").iterdir())
    assert [path.name[:5] for path in paths] == [f"{number:04}-" for number in range(1, len(paths) + 1)]
    for number, path in enumerate(paths, start=1):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {number}. "), path.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], (
            path.name
        )


def test_the_changelog_knows_the_version():
    """The version that is built has an entry that says what is in it."""
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert f"\n## {version} - " in read("CHANGELOG.md")


def test_yaml_examples_of_the_pages_are_yaml():
    """What is copied from a page can at least be read."""
    found = [
        (page, block["body"])
        for page in PAGES
        for block in FENCE.finditer(read(page))
        if block["language"] == "yaml"
    ]
    assert len(found) >= 5
    for _page, body in found:
        YAML(typ="safe", pure=True).load(body)


# ── sources


@pytest.mark.parametrize("folder", ["sendspec", "tests"])
def test_nothing_is_left_for_later(folder):
    """An open point is an issue, not a comment or a function that is not written."""
    for path in sources(folder):
        with path.open("rb") as file:
            comments = [token for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT]
        left = [token.line for token in comments if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", token.string)]
        assert left == [], path
        names = {node.id for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Name)}
        assert "NotImplementedError" not in names, path


def contracts() -> list[dict[str, object]]:
    found: list[dict[str, object]] = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"][
        "contracts"
    ]
    return found


def test_the_import_contract_orders_every_package():
    """A new module has to be given its place, or the contract fails: the list is exhaustive."""
    (layers,) = [contract for contract in contracts() if contract["type"] == "layers"]
    assert layers["exhaustive"] is True
    packages = {
        path.stem
        for path in (ROOT / "sendspec").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert set(layers["layers"]) == packages - {"__init__"}


def test_contributing_names_every_package_in_the_order_of_the_contract():
    """The table for people and the list for the linter are the same."""
    (layers,) = [contract for contract in contracts() if contract["type"] == "layers"]
    rows = read("CONTRIBUTING.md").partition("| package |")[2].partition("\n\n")[0]
    named = (
        [name for row in rows.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])]
        if rows
        else []
    )
    assert named == list(reversed(layers["layers"]))


@pytest.mark.parametrize(
    ("package", "line", "broken"),
    [
        ("redact", "import httpx", "Only acoustic speaks HTTP to the vendor"),
        ("redact", "import click", "Only cli knows click"),
        ("redact", "import starlette.routing", "Only sandbox serves HTTP"),
        ("redact", "import sendspec.sms", "Each package imports only those before it"),
        ("newpackage", "", "Each package imports only those before it"),
    ],
)
def test_the_import_contract_bites(package, line, broken, tmp_path):
    """A copy of the package with one import too many, or a package without a place, is refused."""
    shutil.copytree(ROOT / "sendspec", tmp_path / "sendspec", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "sendspec" / f"{package}.py").open("a") as file:
        file.write(f"\n{line}\n")
    done = subprocess.run(
        [SCRIPTS / "lint-imports", "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert re.search(rf"{re.escape(broken)}\s+BROKEN", done.stdout), done.stdout


# ── what git keeps


def test_git_ignores_what_a_run_on_the_sandbox_leaves():
    """The README's command leaves the clone clean."""
    left = [
        "specs/sendspec.sandbox.lock",
        "specs/sendspec.sandbox.journal",
        "specs/.sendspec/sandbox/state",
        ".venv/x",
    ]
    done = subprocess.run(
        ["git", "check-ignore", *left], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == left


def test_schemas_are_json_and_name_themselves():
    """Editors and the package read the same files."""
    paths = sorted((ROOT / "schemas").glob("*.schema.json"))
    assert paths
    for path in paths:
        schema = json.loads(path.read_text(encoding="utf-8"))
        assert schema["$id"].endswith(path.name.removesuffix(".schema.json"))
