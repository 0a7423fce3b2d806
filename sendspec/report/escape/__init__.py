"""Untrusted text made inert: one function for each medium that text is written to.

Untrusted is every text that the code does not contain: specs, names of files, values, answers of the vendor.
In a medium with markup, `Markdown` and `Html` are types of their own. Only literals of the code and escaped
text become such a value, so that a writer cannot forget to escape.

terminal, log of a CI runner   escape_text, escape_value: one line
JSON                           json_document, escape_json
workflow command               workflow_command
Markdown                       Markdown
HTML                           Html
CSV                            escape_cell
"""

from sendspec.report.escape.csv_cell import escape_cell
from sendspec.report.escape.html import Html
from sendspec.report.escape.json_text import escape_json, json_document
from sendspec.report.escape.markdown import Markdown
from sendspec.report.escape.plain import escape_text, escape_value
from sendspec.report.escape.workflow import workflow_command

__all__ = [
    "Html",
    "Markdown",
    "escape_cell",
    "escape_json",
    "escape_text",
    "escape_value",
    "json_document",
    "workflow_command",
]
