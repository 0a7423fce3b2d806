"""Lists in logs: no message shows a name or a number of a list, and no list takes forever."""

from __future__ import annotations

import resource
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.field.lists import MAPPED, with_list, with_send
from tests.projects import SENDSPEC, number

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE = ["Annabel", "Benedict", "Cynthia", "Dominic"]
ROW = f"{number(1)},Annabel,Benedict"
WITHOUT_HEADER = {
    "unmapped": (f"{ROW}\n{number(2)},Cynthia,Dominic\n", None),
    "mapped": (f"{ROW}\n{number(2)},Cynthia,Dominic\n", MAPPED),
    "mapped to a similar name": (f"{ROW}\n", "{contactId: anabel, personalization: {NAME: benedikt}}"),
    "a name twice": (f"{number(1)},Annabel,Annabel\n", MAPPED),
    "the API's name in the first row": (f"contactId,Annabel\n{number(1)},Benedict\n", None),
    "the name of a tag": (f"phone,Annabel,Annabel\n{number(1)},Benedict,x\n", MAPPED),
    "semicolons": (f"{number(1)};Annabel\n{number(2)};Cynthia\n", None),
    "a quote after a space": (f'{number(1)}, "Annabel"\n{number(2)},Cynthia\n', None),
    "fields of another number": (f"phone,name\n{ROW}\n", MAPPED),
    "only names, mapped": (
        "Annabel,Benedict\nCynthia,Dominic\n",
        "{contactId: anabel, personalization: {NAME: benedikt}}",
    ),
    "only names": ("Annabel,Benedict\nCynthia,Dominic\n", None),
}


@pytest.mark.red_team(18)
@pytest.mark.parametrize(("text", "columns"), WITHOUT_HEADER.values(), ids=WITHOUT_HEADER)
def test_a_list_without_a_header_puts_no_name_into_the_log(text, columns, cli):
    """Every verb and format refuses the list, and shows columns by number."""
    with_list(text, columns=columns)
    shown = ""
    for command in (["validate"], ["plan"], ["plan", "--format", "json"], ["apply", "--auto-approve"]):
        done = cli(*command)
        shown += done.out + done.err
    assert "error" in shown
    assert [name for name in (*PEOPLE, number(1), number(2)) if name in shown] == []


@pytest.mark.red_team(18)
@pytest.mark.parametrize(
    ("header", "columns", "hint"),
    [
        (
            "phone,first_name",
            "{contactId: phone, personalization: {NAME: first_nam}}",
            "column 2, which is similar",
        ),
        ("PHONE,name", MAPPED, "rename column 1, which differs only in case or spaces"),
        ("phoneNumber,NAME", None, "rename 'phoneNumber' to 'contactId'"),
        ("ContactID,NAME", None, "rename column 1, which differs only in case or spaces"),
        ("contactId,name", None, "rename the column with a similar name to 'NAME'"),
    ],
)
def test_a_hint_names_only_columns_of_the_spec_and_the_api(header, columns, hint, cli):
    """A similar column has its number; the name of the spec or the API is shown."""
    directory = with_list(f"{header}\n{number(1)},x\n", columns=columns)
    campaign = directory / "campaigns" / "c0.yaml"
    text = campaign.read_text().replace("    personalizationDefaults: {NAME: there}\n", "")
    campaign.write_text(text)
    done = cli("plan")
    assert hint in done.out + done.err


@pytest.mark.red_team(18)
def test_a_name_of_several_columns_is_not_shown(cli):
    """Two columns of one name have their numbers in the message."""
    with_list(f"contactId,Annabel,Annabel\n{number(1)},x,y\n")
    done = cli("validate")
    assert "columns 2 and 3 have the same name" in done.err
    assert "Annabel" not in done.err


# ── lists that cost too much


@pytest.mark.red_team(22)
def test_a_list_of_many_columns_takes_linear_time(tmp_path, monkeypatch):
    """A header of 60,000 columns is read within a limit of CPU time that a quadratic search exceeds."""
    monkeypatch.chdir(tmp_path)
    columns = [f"c{at}" for at in range(60_000)]
    with_list("contactId," + ",".join(columns) + "\n" + number(1) + "," * len(columns) + "\n")
    done = run_within(["validate"], cpu_seconds=4)
    assert done == 0


def run_within(arguments: list[str], cpu_seconds: int) -> int:
    """Run the command with a limit of CPU time; the kernel ends a process that exceeds it."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))

    return subprocess.run(
        [SENDSPEC, *arguments],
        check=False,
        preexec_fn=limit,
        capture_output=True,
    ).returncode


@contextmanager
def opened(name: str) -> Iterator[list[str]]:
    """Record each time that this process opens a file of this name; a hook stays until the process ends."""
    paths: list[str] = []
    active = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if active and event == "open" and str(arguments[0]).endswith(name):
            paths.append(str(arguments[0]))

    sys.addaudithook(hook)
    try:
        yield paths
    finally:
        active = False


@pytest.mark.red_team(22)
@pytest.mark.parametrize("sends", [1, 5, 40])
def test_a_list_is_read_once_however_many_sends_use_it(sends, cli):
    """A plan opens a list once for all sends of a matrix, and each has its own counts and findings."""
    directory = with_list(f"contactId,NAME\n{number(1)},{'я' * 60}\n{number(2)},Ann\n")
    campaign = directory / "campaigns" / "c0.yaml"
    values = ", ".join(f"v{at}" for at in range(sends))
    text = campaign.read_text().replace(
        "  - id: ready\n", f"  - id: ready\n    matrix: {{shop: [{values}]}}\n"
    )
    campaign.write_text(text.replace("Acme:", "Acme {{ shop }}:"))
    with opened("people.csv") as paths:
        done = cli("plan")
    assert len(paths) == 1
    assert done.out.count("to 2 recipients in 1 request, 3 segments") == sends


@pytest.mark.red_team(22)
def test_sends_that_read_a_list_differently_do_not_share_a_scan(cli):
    """Another mapping, another endpoint or another list is read on its own; equal ones are not."""
    directory = with_send("{file: ../contacts/people.csv}", text=f"contactId,NAME\n{number(1)},Ann\n")
    contacts = [
        "{file: ../contacts/people.csv}",
        "{file: ../contacts/people.csv, columns: {contactId: contactId}}",
        "{file: ../contacts/people.csv, columns: {personalization: {NAME: contactId}}}",
        "{file: ../contacts/people.csv}",
    ]
    sends = "".join(
        f'  - {{id: s{at}, endpoint: contacts, channelQualifier: "1", content: "hi %%NAME%%",'
        f" contacts: {each}, personalizationDefaults: {{NAME: there}}}}\n"
        for at, each in enumerate(contacts)
    )
    text = f"campaign: order\npurpose: transactional\nsends:\n{sends}"
    (directory / "campaigns" / "c0.yaml").write_text(text)
    with opened("people.csv") as paths:
        rendered = cli("plan", "--format", "json")
    assert rendered.code == 0
    assert len(paths) == 3


@pytest.mark.red_team(22)
def test_a_wrong_mapping_is_reported_at_each_place_that_has_it(cli):
    """Two sends share one scan, and both of their mappings are reported, each once."""
    directory = with_send("{file: ../contacts/people.csv}", text=f"contactId,NAME\n{number(1)},Ann\n")
    sends = "".join(
        f'  - {{id: s{at}, endpoint: contacts, channelQualifier: "1", content: "hi", matrix: {{a: [1, 2]}},\n'
        "     contacts: {file: ../contacts/people.csv, columns: {contactId: mobile}}}\n"
        for at in range(3)
    )
    text = f"campaign: order\npurpose: transactional\nsends:\n{sends}"
    (directory / "campaigns" / "c0.yaml").write_text(text)
    done = cli("validate")
    lines = [line for line in done.err.splitlines() if "has no column 'mobile'" in line]
    assert [line.split(":")[1] for line in lines] == ["5", "7", "9"]
