"""A file looks like a part of the project, but is not read.

What: the rule names YAML files beside sendspec.yaml or in a folder with a misspelt name, files in
campaigns/ that do not end with .yaml or .yml, such as `x.yaml.txt` and `x.json`, and lists (CSV and
spreadsheets) that no send of the target uses. It ignores names that start with a dot, and runs with
`--send`. Of each kind it names the first ten.

Why: a campaign in the wrong place is not sent, and without a note its author believes that it was. A
list without a use is often the newest export, while the specs still name an older one.

Source: this project's caution; editors and browsers add `.txt` to a downloaded YAML file.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123"}

Good (the list in the folder is used):

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts: {file: ../contacts/people.csv}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.model import ContactFile, FileKind, Level, Location
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sendspec.model import OtherFile
    from sendspec.rules._lib.rule import RuleContext

_NAMED_MAX: Final = 10
_IGNORE: Final = "or start its name with a dot to silence this note"


class IgnoredFile(Rule):
    """Files that look like campaigns or lists, but are not read."""

    id = "ignored-file"
    group = RuleGroup.PEOPLE
    level = Level.INFO
    reasons: ClassVar = {
        "outside-campaigns": "a YAML file is outside campaigns/",
        "not-a-campaign": "a file in campaigns/ does not end with .yaml or .yml",
        "unused-list": "a list is not used",
    }

    def check_project(self, context: RuleContext) -> Iterator[Violation]:
        """Name the files of each kind, unless only some sends are checked."""
        if context.selection.is_partial:
            return
        used = _used_lists(context)
        for kind in FileKind:
            files = [
                file for file in context.project.other_files if file.kind is kind and file.real not in used
            ]
            for file in files[:_NAMED_MAX]:
                yield _violation(file, context)
            if len(files) > _NAMED_MAX:
                first = _violation(files[_NAMED_MAX], context)
                more = len(files) - _NAMED_MAX
                yield first._replace(
                    message=f"{first.message}; {more:,} such files in all are not named above"
                )


def _used_lists(context: RuleContext) -> set[Path]:
    used = {file.path for send in context.sends for file in send.exclude}
    return used | {send.contacts.path for send in context.sends if isinstance(send.contacts, ContactFile)}


def _violation(file: OtherFile, context: RuleContext) -> Violation:
    directory, location = context.project.directory, Location(file.shown)
    match file.kind:
        case FileKind.OUTSIDE if location.file.rpartition("/")[2].lower().startswith("sendspec."):
            message = "sendspec does not read this file: the settings are in sendspec.yaml"
            return Violation("outside-campaigns", message, location, f"rename it, {_IGNORE}")
        case FileKind.OUTSIDE:
            message = "sendspec does not read this file: campaigns are in campaigns/"
            hint = f"move it to {(directory / 'campaigns').as_posix()}/, {_IGNORE}"
            return Violation("outside-campaigns", message, location, hint)
        case FileKind.NOT_YAML:
            message = "sendspec does not read this file: a campaign ends with .yaml or .yml"
            return Violation("not-a-campaign", message, location, f"rename it, {_IGNORE}")
        case FileKind.LIST:
            message = f"the sends to target '{context.target.name}' do not use this list"
            return Violation("unused-list", message, location, f"name it in a send or remove it, {_IGNORE}")
