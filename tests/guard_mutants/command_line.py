"""Defects of the guards of the command line: what it writes, and what it takes for a person."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_FILES: Final = "test_output_files.py::"
_CLI: Final = "field/test_command_line.py::"
_PLAN: Final = "test_cli_plan_file.py::"
_PII: Final = "test_show_pii.py::"

MUTANTS: Final = (
    GuardMutant(
        "sends a plan of another digest than the expected one",
        "plan_file.py",
        "if found != expected:",
        "if False:",
        _PLAN + "test_another_digest_than_the_expected_one[teams/specs]",
    ),
    GuardMutant(
        "compares the expected digest with itself if a plan is saved",
        "plan_file.py",
        'if saved is None else (saved.digest, "the saved plan")',
        'if saved is None else (expected, "the saved plan")',
        _PLAN + "test_another_digest_than_the_expected_one[plan.json]",
    ),
    GuardMutant(
        "takes an empty digest for a missing option",
        "cli/apply.py",
        "if digest is not None and not _DIGEST.fullmatch(digest):",
        "if digest and not _DIGEST.fullmatch(digest):",
        _PLAN + "test_an_expected_digest_must_be_one[]",
    ),
    GuardMutant(
        "writes through a committed link",
        "cli/_lib/output_file.py",
        "if any(name.is_symlink() for name in names):",
        "if False:",
        _FILES + "test_no_option_writes_through_a_committed_link",
    ),
    GuardMutant(
        "writes failed contacts through a link",
        "cli/status.py",
        "OutputFile(path, private=True).write(content)",
        'open(path, "w").write(content)',
        _FILES + "test_failed_contacts_are_not_written_through_a_link",
    ),
    GuardMutant(
        "keeps real values of recipients by default",
        "audience/scan.py",
        "    real_values: bool = False,\n) -> tuple",
        "    real_values: bool = True,\n) -> tuple",
        _PII + "test_texts_of_a_base_stay_masked",
    ),
    GuardMutant(
        "keeps real values in each scan",
        "audience/text_statistics.py",
        "real_text=text if self._real_values else None",
        "real_text=text",
        _PII + "test_each_step_masks_unless_it_is_asked",
    ),
    GuardMutant(
        "shows real values that a plan has, unasked",
        "report/review/messages.py",
        "real_text = example.real_text if show_values else None",
        "real_text = example.real_text",
        _PII + "test_each_step_masks_unless_it_is_asked",
    ),
    GuardMutant(
        "shows real values in CI",
        "cli/_lib/personal_outputs.py",
        "if in_ci():",
        "if False:",
        _PII + "test_refused_outputs",
    ),
    GuardMutant(
        "prints real values into a pipe",
        "cli/_lib/personal_outputs.py",
        "if chosen.file is None and not sys.stdout.isatty():",
        "if False:",
        _PII + "test_refused_outputs",
    ),
    GuardMutant(
        "writes real values to a file that others can read",
        "cli/plan.py",
        "relocate), private=show_pii)",
        "relocate))",
        _PII + "test_only_the_owner_can_read_the_files",
    ),
    GuardMutant(
        "replaces the lockfile by a receipt",
        "cli/_lib/output_file.py",
        "if _OWN_FILE.fullmatch(path.name) or _OWN_FOLDERS & set(path.parts):",
        "if False:",
        _FILES + "test_no_option_replaces_a_file_of_the_project",
    ),
    GuardMutant(
        "replaces a campaign or a list by an output",
        "cli/_lib/output_file.py",
        "if is_file_of_project(path):",
        "if False:",
        _FILES + "test_no_option_replaces_a_spec_or_a_list",
    ),
    GuardMutant(
        "replaces a list of which a project has only the folder above",
        "cli/_lib/earlier_output.py",
        "for folder in real.parents):",
        "for folder in real.parents[:1]):",
        _FILES + "test_no_option_replaces_a_spec_or_a_list",
    ),
    GuardMutant(
        "replaces a campaign by a receipt",
        "cli/_lib/receipt.py",
        "if content.strip() and not _is_receipt(content):",
        "if False:",
        _FILES + "test_a_receipt_replaces_only_a_receipt",
    ),
    GuardMutant(
        "lets an error at the end of a session hide the results",
        "apply.py",
        "    except Exception as error:",
        "    except SendspecError as error:",
        _FILES + "test_a_defect_at_the_end_of_a_session_hides_no_result",
    ),
    GuardMutant(
        "takes an unreadable path for a defect",
        "ledger/filesystem.py",
        "        except OSError:\n            # A path that cannot be examined",
        "        except FileNotFoundError:\n            # A path that cannot be examined",
        _FILES + "test_a_lock_below_a_file_is_lost",
    ),
    GuardMutant(
        "writes a new project through a link",
        "cli/init.py",
        "if os.path.lexists(root / name)]",
        "if os.path.exists(root / name)]",
        _FILES + "test_init_does_not_write_through_a_dangling_link",
    ),
    GuardMutant(
        "prints a command of a CI service",
        "report/escape/plain.py",
        r"|##(?=\w*(?:\[|\Z))",
        r"|##(?=\[|\Z)",
        _FILES + "test_no_text_is_a_command_of_a_ci_service",
    ),
    GuardMutant(
        "waits without an end",
        "cli/_lib/options.py",
        "if not math.isfinite(seconds):",
        "if False:",
        _FILES + "test_a_wait_is_a_finite_number_of_seconds",
    ),
    GuardMutant(
        "knows only some CI services",
        "cli/_lib/ci.py",
        '    "JENKINS_URL",\n',
        "",
        _CLI + "test_ci_refuses_a_file_ledger_behind_a_tunnel",
    ),
    GuardMutant(
        "takes a tunnel for a sandbox",
        "model/specs.py",
        "return self.base_url is not None and not self.sandbox",
        'return self.base_url is not None and "127.0.0.1" not in self.base_url and not self.sandbox',
        _CLI + "test_ci_refuses_a_file_ledger_behind_a_tunnel",
    ),
    GuardMutant(
        "approves a large list by a habit",
        "report/approval_question.py",
        "if target.is_real and size.recipients > _TYPED_ABOVE:",
        "if False:",
        _CLI + "test_the_question_names_target_people_and_start",
    ),
    GuardMutant(
        "runs the verb that a mistyped name is similar to",
        "cli/__init__.py",
        "        name = SYNONYMS.get(args[0], args[0])\n",
        "        import sendspec.suggest\n"
        "        name = sendspec.suggest.closest(args[0], VERBS) or args[0]\n",
        "test_cli_synonyms.py::test_a_mistyped_verb_runs_nothing",
    ),
    GuardMutant(
        "proposes names that a shell would execute",
        "cli/_lib/completion.py",
        " and _SAFE.fullmatch(name)]",
        "]",
        "test_cli_completion.py::test_names_that_a_shell_would_execute",
    ),
)
