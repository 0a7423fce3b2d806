"""Every check of the project, in order: `python -m tests`, which CI runs through `.ci/run`.

All stages run, so one run reports every problem. The exit code is that of the first stage that failed.
pytest is last, so that its summary ends the output. `--quick` takes less than a minute: it leaves out
zizmor, and the test modules that start processes or servers or simulate runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))

CHECKS = (
    ("ruff", "check", "--quiet", "."),
    ("ruff", "format", "--quiet", "--check", "."),
    ("mypy",),
    ("lint-imports", "--no-cache"),
)
WORKFLOWS = ("zizmor", "--offline", "--quiet", "--persona", "pedantic", ".github")
PYTEST = ("pytest", "--quiet", "--dist", "worksteal", "-n")
WORKERS = len(os.sched_getaffinity(0)) * 3 // 2
"""Three workers for two processors, because the tests wait for disks, servers and git."""

SLOW = (
    "acoustic_broken",
    "acoustic_client",
    "acoustic_sandbox",
    "acoustic_status",
    "acoustic_transport",
    "action",
    "against",
    "against_bases",
    "arrow_lists",
    "audience",
    "audience_files",
    "bad_input",
    "bench",
    "cli_apply",
    "cli_bytes",
    "cli_completion",
    "cli_directories",
    "cli_init",
    "cli_init_github",
    "cli_interrupt",
    "cli_links",
    "cli_outputs",
    "cli_plan_file",
    "cli_receipt",
    "cli_render",
    "cli_resolve",
    "cli_sandbox",
    "cli_selection",
    "cli_spool",
    "cli_status",
    "cli_streams",
    "cli_synonyms",
    "cli_targets",
    "connection_notes",
    "contact_store",
    "cookbook",
    "disk_faults",
    "doctor",
    "editor_schemas",
    "empty_project",
    "example",
    "example_formats",
    "fault_proxy",
    "finding_privacy",
    "finished_sends",
    "fmt",
    "fmt_fix",
    "format_privacy",
    "formats",
    "from_empty_repository",
    "git_children",
    "github_comment",
    "github_format",
    "github_report",
    "github_settings",
    "guard_mutants",
    "hostile_formats",
    "inert_output",
    "install_source",
    "killed",
    "killed_git",
    "language_server",
    "ledger_carry_over",
    "ledger_contract",
    "ledger_entries_written",
    "ledger_file",
    "ledger_git",
    "ledger_identity",
    "ledger_merge",
    "ledger_remote",
    "ledger_rewind_guard",
    "legal_hours_gate",
    "lifecycle",
    "list_formats",
    "list_groups",
    "list_privacy",
    "lists_outside",
    "load_hostile",
    "log_proof",
    "lookup_lists",
    "machine_memory",
    "messages",
    "mutants",
    "other_clocks",
    "other_projects",
    "output_files",
    "page_browser",
    "people_of_media",
    "phone_numbers",
    "plan_online",
    "plan_people",
    "pre_commit",
    "preview",
    "query_lists",
    "quiet_hours",
    "races",
    "rehearsal",
    "rehearsal_stand_ins",
    "release",
    "repetitions",
    "repository",
    "reviews",
    "run_guards",
    "run_review",
    "sandbox",
    "sandbox_faults",
    "sandbox_magic_ids",
    "sandbox_state",
    "sandbox_status",
    "sandbox_token",
    "sarif",
    "scan_by_columns",
    "scan_progress",
    "schema_engines",
    "segment_oracles",
    "send_limit",
    "sent_in_part",
    "show_pii",
    "signals",
    "simulation",
    "start_up",
    "status_limit",
    "status_rows",
    "status_workflow",
    "suspended_runs",
    "template_containment",
    "text_facts",
    "tracked_files",
    "vendor_privacy",
    "watch",
    "watch_workflow",
    "work_tree",
    "workflow_comments",
    "workflow_events",
    "workflow_runs",
    "workflow_steps",
)
"""Test modules, without `test_`, that start processes or servers, simulate runs, or take seconds."""


def stages(*, quick: bool) -> tuple[tuple[str, ...], ...]:
    """Return the commands of a run."""
    if not quick:
        return (*CHECKS, WORKFLOWS, (*PYTEST, str(WORKERS)))
    slow = (f"--ignore=tests/test_{name}.py" for name in SLOW)
    return (*CHECKS, (*PYTEST, "auto", *slow, "--ignore=tests/field"))


def run(command: tuple[str, ...]) -> int:
    """Run one stage of this environment; print its command and, except for pytest, its time."""
    shown = " ".join(word for word in command if not word.startswith("--ignore="))
    print(f"$ {shown}", flush=True)
    started = time.monotonic()
    program = SCRIPTS / command[0]
    done = subprocess.run(
        (program, *command[1:]), cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL, check=False
    )
    code = done.returncode
    if command[0] != "pytest":
        result = "ok" if code == 0 else f"failed with {code}"
        print(f"  {result} in {time.monotonic() - started:.1f} s", flush=True)
    return code


def _environment() -> dict[str, str]:
    """Return the environment without the setting that makes each process compile the package again."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main(arguments: list[str] | None = None) -> int:
    """Run the stages; return the exit code of the first that failed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests", description="Run every check of the project.")
    parser.add_argument("--quick", action="store_true", help="only lint, types and unit tests, in a minute")
    quick: bool = parser.parse_args(arguments).quick
    codes = [run(stage) for stage in stages(quick=quick)]
    return next(filter(None, codes), 0)


if __name__ == "__main__":
    sys.exit(main())
