"""A plan for GitHub Actions: annotations of the changed files, and outputs for the next steps."""

from sendspec.report.github.annotation_commands import annotation_commands
from sendspec.report.github.step_outputs import failure_outputs, findings_outputs, outputs_text, plan_outputs

__all__ = ["annotation_commands", "failure_outputs", "findings_outputs", "outputs_text", "plan_outputs"]
