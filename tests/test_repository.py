"""README, docs and configuration agree with the files of the repository."""

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
from tests.__main__ import SLOW

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
    return [(match["language"], match["body"]) for match in FENCE.finditer(read("README.md"))]


def test_the_readme_is_one_page():
    """The README has at most 150 lines; longer texts are in docs/."""
    assert len(read("README.md").splitlines()) <= 150


def test_the_readme_starts_with_two_commands_of_one_line_each():
    """The first code block sends the example, the second runs the tests."""
    first, second = blocks()[:2]
    assert [first[0], second[0]] == ["sh", "sh"]
    assert [len(body.splitlines()) for _, body in (first, second)] == [1, 1]
    assert "sendspec apply" in first[1]
    assert "-m tests" in second[1]


def test_ci_runs_the_second_command_of_the_readme():
    """CI and README have the same command."""
    assert read(".ci/run").splitlines()[-1] == blocks()[1][1].strip()


def test_ci_run_can_be_called():
    """The script is executable, and its syntax is valid."""
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0


def table(heading: str) -> set[str]:
    """Return the first column of the README's table whose header row starts with `heading`."""
    body = read("README.md").partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    return {match["key"] for match in ROW.finditer(body.partition("|---|\n")[2])}


def test_the_readme_explains_every_sign():
    """The table of signs has each sign of a plan, and only those."""
    assert table("sign") == {sign.value for sign in Sign}


def test_the_readme_lists_every_exit_code():
    """The table of exit codes has each exit code, and only those."""
    assert table("exit code") == {str(code.value) for code in ExitCode}


# ── pages


@pytest.mark.parametrize("page", PAGES)
def test_links_have_targets(page):
    """Every relative link names a file of the repository, and every fragment one of its headings."""
    for found in LINK.finditer(FENCE.sub("", read(page))):
        target, _, fragment = unquote(found["target"]).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), f"{page}: {found['target']}"
        assert not fragment or fragment in anchors(path), f"{page}: {found['target']}"


def anchors(path: Path) -> set[str]:
    """Return the fragments that GitHub creates for the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_readme():
    """Links lead from the README to every page; it links to decisions as a folder."""
    reached, pending = set(), ["README.md"]
    while pending:
        page = pending.pop()
        reached.add(page)
        for found in LINK.finditer(FENCE.sub("", read(page))):
            target = found["target"].partition("#")[0]
            path = ((ROOT / page).parent / target).resolve()
            name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
            if name in PAGES and name not in reached:
                pending.append(name)
    assert {page for page in PAGES if not page.startswith("docs/decisions/")} <= reached


def test_decisions_are_numbered_without_gaps_and_of_one_form():
    """A decision `0001-title.md` has a title with its number, context, decision and consequences."""
    paths = sorted((ROOT / "docs" / "decisions").iterdir())
    assert [path.name[:5] for path in paths] == [f"{number:04}-" for number in range(1, len(paths) + 1)]
    for number, path in enumerate(paths, start=1):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {number}. "), path.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], (
            path.name
        )


def test_the_changelog_has_the_version():
    """The changelog has an entry for the current version."""
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert f"\n## {version} - " in read("CHANGELOG.md")


def test_yaml_examples_of_the_pages_are_yaml():
    """A YAML parser accepts every YAML example of the pages."""
    examples = [
        (page, block["body"])
        for page in PAGES
        for block in FENCE.finditer(read(page))
        if block["language"] == "yaml"
    ]
    assert len(examples) >= 5
    for _page, body in examples:
        YAML(typ="safe", pure=True).load(body)


# ── sources


@pytest.mark.parametrize("folder", ["sendspec", "tests"])
def test_the_sources_have_no_open_points(folder):
    """Sources contain neither TODO comments nor NotImplementedError."""
    for path in sources(folder):
        with path.open("rb") as file:
            comments = [token for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT]
        marked = [token.line for token in comments if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", token.string)]
        assert marked == [], path
        names = {node.id for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Name)}
        assert "NotImplementedError" not in names, path


def contracts() -> list[dict[str, object]]:
    found: list[dict[str, object]] = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"][
        "contracts"
    ]
    return found


def test_the_import_contract_orders_every_package():
    """The contract is exhaustive and lists every package, so a new one needs a layer."""
    (layers,) = [contract for contract in contracts() if contract["type"] == "layers"]
    assert layers["exhaustive"] is True
    packages = {
        path.stem
        for path in (ROOT / "sendspec").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert set(layers["layers"]) == packages - {"__init__"}


def test_contributing_names_every_package_in_the_order_of_the_contract():
    """CONTRIBUTING's table has the packages of the import contract in the same order."""
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
        ("redact", "import httpcore", "Only acoustic speaks HTTP to the vendor"),
        ("redact", "import click", "Only cli knows click"),
        ("redact", "import starlette.routing", "Only local servers serve HTTP"),
        ("redact", "import sendspec.sms", "Each package imports only those before it"),
        ("newpackage", "", "Each package imports only those before it"),
    ],
)
def test_the_import_contract_finds_a_violation(package, line, broken, tmp_path):
    """The linter refuses a forbidden import, and a package without a layer."""
    shutil.copytree(ROOT / "sendspec", tmp_path / "sendspec", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "sendspec" / f"{package}.py").open("a") as file:
        file.write(f"\n{line}\n")
    done = subprocess.run(
        [SCRIPTS / "lint-imports", "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert re.search(rf"{re.escape(broken)}\s+BROKEN", done.stdout), done.stdout


# ── git


def test_git_ignores_the_files_of_a_sandbox_run():
    """The README's command leaves the clone clean."""
    written = [
        "specs/sendspec.sandbox.lock",
        "specs/sendspec.sandbox.journal",
        "specs/.sendspec/sandbox/state",
        ".venv/x",
    ]
    done = subprocess.run(
        ["git", "check-ignore", *written], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == written


def test_schemas_are_json_and_contain_their_names():
    """The id of each schema ends with its file name."""
    paths = sorted((ROOT / "schemas").glob("*.schema.json"))
    assert paths
    for path in paths:
        schema = json.loads(path.read_text(encoding="utf-8"))
        assert schema["$id"].endswith(path.name.removesuffix(".schema.json"))


def test_the_modules_that_a_quick_run_leaves_out_exist():
    """Each name in the list of slow test modules is that of a module, in order and once."""
    assert list(SLOW) == sorted(set(SLOW))
    assert [name for name in SLOW if not (ROOT / "tests" / f"test_{name}.py").is_file()] == []
