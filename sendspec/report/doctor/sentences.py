"""The sentence about each reason of a check, and its remedy; names in braces are facts of the result."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.doctor import CheckReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.doctor import CheckResult

_SETTINGS: Final = "see .github/SENDSPEC.md, which `sendspec init --github` writes"


class Sentence(NamedTuple):
    """What was found, and what to do about it, '' if nothing."""

    text: str
    remedy: str = ""


_R = CheckReason
SENTENCES: Final[Mapping[CheckReason, Sentence]] = MappingProxyType(
    {
        _R.PYTHON_SUPPORTED: Sentence("Python {version} runs sendspec"),
        _R.PYTHON_TOO_OLD: Sentence(
            "Python {version} is older than {oldest}", "install Python {oldest} or newer"
        ),
        _R.GIT_SUPPORTED: Sentence("git {version} is new enough"),
        _R.GIT_TOO_OLD: Sentence("git {version} is older than {oldest}", "install git {oldest} or newer"),
        _R.GIT_MISSING: Sentence("git is not installed", "install git {oldest} or newer"),
        _R.STATE_DURABLE: Sentence("{folder} is writable and durable"),
        _R.STATE_OF_RUNNER: Sentence(
            "{folder} is writable, and ends with this runner; workflows keep its spools as artifacts"
        ),
        _R.STATE_NOT_WRITABLE: Sentence(
            "{folder} is not writable, so this machine cannot remember what it sends",
            "set XDG_STATE_HOME to a folder that you may write to",
        ),
        _R.STATE_WITHOUT_FSYNC: Sentence(
            "the filesystem of {folder} does not support fsync",
            "set XDG_STATE_HOME to a folder on a local disk",
        ),
        _R.STATE_VOLATILE: Sentence(
            "{folder} is in memory ({filesystem}); a restart removes it",
            "set XDG_STATE_HOME to a folder on a disk",
        ),
        _R.LOG_KEY_SHARED: Sentence("{variable} signs the outcome log of each run"),
        _R.LOG_KEY_OF_MACHINE: Sentence(
            "{variable} is not set, so a key of this machine signs its logs; no other machine has that key"
        ),
        _R.LOG_KEY_MISSING: Sentence(
            "{variable} is not set, so the log of this runner is signed by a key that ends with it",
            "set {variable} to the output of `openssl rand -hex 32`, as a secret of the environment",
        ),
        _R.LOG_KEY_UNUSABLE: Sentence("{error}", "{hint}"),
        _R.PROJECT_READ: Sentence("{directory} has {campaigns} and the target {target}"),
        _R.PROJECT_MISSING: Sentence(
            "{directory} has no sendspec.yaml", "run `sendspec init`, or name the project directory"
        ),
        _R.PROJECT_UNUSABLE: Sentence("{error}", "{hint}"),
        _R.NO_TARGET: Sentence("the target is not known"),
        _R.BUILT_IN_SANDBOX: Sentence("the built-in sandbox needs none of it; name a target with --target"),
        _R.CREDENTIALS_SET: Sentence("the three variables with credentials are set"),
        _R.CREDENTIALS_UNUSABLE: Sentence("{error}", "{hint}"),
        _R.NO_CREDENTIALS: Sentence("the environment has no usable credentials"),
        _R.HOST_ANSWERS: Sentence("{host} answers"),
        _R.HOST_SILENT: Sentence(
            "{host} does not answer: {failure}",
            "check `pod` or `baseUrl` of the target, the network, and TLS inspection by a proxy",
        ),
        _R.CLOCK_RIGHT: Sentence("the clock agrees with that of the vendor within {allowed} seconds"),
        _R.CLOCK_AHEAD: Sentence(
            "the clock is {seconds} seconds ahead of the vendor's; {allowed} are allowed",
            "synchronise the clock of this machine (NTP)",
        ),
        _R.CLOCK_BEHIND: Sentence(
            "the clock is {seconds} seconds behind the vendor's; {allowed} are allowed",
            "synchronise the clock of this machine (NTP)",
        ),
        _R.NO_VENDOR_TIME: Sentence("the vendor reported no time"),
        _R.TOKEN_GRANTED: Sentence("the vendor granted an access token"),
        _R.TOKEN_REFUSED: Sentence("{error}", "{hint}"),
        _R.TOKEN_UNAVAILABLE: Sentence("{error}", "run `sendspec doctor` again later"),
        _R.NO_TOKEN: Sentence("this needs an access token"),
        _R.IDS_LISTED: Sentence("the vendor lists each id that the specs name ({count})"),
        _R.IDS_NOT_LISTED: Sentence("{error} ({file}:{line}; {count})", "{hint}"),
        _R.NO_IDS: Sentence("no pending send names one"),
        _R.LISTS_NOT_READ: Sentence("{error}", "{hint}"),
        _R.LEDGER_READ: Sentence("the ledger {location} has {sends}"),
        _R.LEDGER_MISSING: Sentence("{error}", "{hint}"),
        _R.LEDGER_UNUSABLE: Sentence("{error}", "{hint}"),
        _R.PUSH_ACCEPTED: Sentence("the remote would accept a push to the branch sendspec-state"),
        _R.PUSH_REFUSED: Sentence(
            "{error}", "give the credentials of git write access to the repository, then run this again"
        ),
        _R.LEDGER_IN_FILES: Sentence("the ledger of this target is in files, not on a branch"),
        _R.LEDGER_NOT_READ: Sentence("this needs the ledger"),
        _R.USES_PINNED: Sentence("all {count} workflows and actions are pinned by a full hash"),
        _R.USES_NOT_PINNED: Sentence(
            "not pinned by a full hash: {names}", "replace the tag or branch by a full commit hash"
        ),
        _R.WORKFLOWS_UNUSABLE: Sentence("not a workflow: {files}", "fix the YAML of these files"),
        _R.NO_WORKFLOWS: Sentence("the repository has no workflows", "run `sendspec init --github`"),
        _R.NO_REPOSITORY: Sentence("the directory is not in a git repository"),
        _R.SAME_VERSION: Sentence("the workflows are of this version, {commit}"),
        _R.OTHER_VERSION: Sentence(
            "not of this version: {files}",
            "run `sendspec init --github`, which writes {commit}, or install the other version",
        ),
        _R.VERSION_NOT_KNOWN: Sentence(
            "the commit of this sendspec is not known", "install sendspec from its repository, or a release"
        ),
        _R.NO_CALLERS: Sentence("no workflow calls sendspec", "run `sendspec init --github`"),
        _R.ONLY_DEFAULT_TRIGGERS: Sentence("only pushes to {branch} apply"),
        _R.OTHER_TRIGGERS: Sentence(
            "the default branch is {branch}, but other pushes apply: {names}",
            "write `branches: [{branch}]` below `push:` of these files, as `sendspec init --github` does",
        ),
        _R.DEFAULT_NOT_KNOWN: Sentence(
            "the default branch is not known", "run `git remote set-head origin --auto`, or set GITHUB_TOKEN"
        ),
        _R.OWNERS_NAMED: Sentence("{file} names owners"),
        _R.OWNERS_PLACEHOLDER: Sentence(
            "{file} still has the owner {placeholder}, who does not exist",
            "replace it by the people or the team who approve texts",
        ),
        _R.NO_OWNERS: Sentence("the repository has no CODEOWNERS", "run `sendspec init --github`"),
        _R.GITHUB_READ: Sentence("{repository} was read; its default branch is {branch}"),
        _R.NO_GITHUB_TOKEN: Sentence(
            "the environment has no token of GitHub",
            "set GITHUB_TOKEN, such as `GITHUB_TOKEN=$(gh auth token) sendspec doctor`",
        ),
        _R.GITHUB_TOKEN_REJECTED: Sentence(
            "GitHub rejects the token in the environment",
            "use a valid token, such as that of `gh auth token`",
        ),
        _R.GITHUB_REPOSITORY_HIDDEN: Sentence(
            "the repository does not exist, or the token may not read it",
            "check GITHUB_REPOSITORY or the remote, and use a token that may read the repository",
        ),
        _R.GITHUB_NOT_READ: Sentence("{error}", "{hint}"),
        _R.NO_SETTINGS: Sentence("the settings on GitHub were not read"),
        _R.MAY_NOT_READ: Sentence("{error}", "use a token of a person with admin rights"),
        _R.PROTECTION_HIDDEN: Sentence(
            "{branch} is protected, but the token may not read how",
            "use a token of a person with admin rights, or protect it by a ruleset",
        ),
        _R.ENVIRONMENT_EXISTS: Sentence("the environment {name} exists"),
        _R.ENVIRONMENT_MISSING: Sentence(
            "the environment {name} does not exist; the first job would create it without protection",
            f"create it; {_SETTINGS}",
        ),
        _R.STATUS_ENVIRONMENT_MISSING: Sentence(
            "the environment {name} does not exist; the first job would create it without protection",
            f"create it for the scheduled status; {_SETTINGS}",
        ),
        _R.NO_STATUS_ENVIRONMENT: Sentence(
            "the environment {name} does not exist, and no workflow of this clone names it"
        ),
        _R.NO_ENVIRONMENT: Sentence("this needs the environment"),
        _R.REVIEWERS_REQUIRED: Sentence("each run needs an approval; {count} named"),
        _R.REVIEWERS_MISSING: Sentence(
            "the environment has no required reviewers, so each run on the default branch sends",
            f"add reviewers; {_SETTINGS}",
        ),
        _R.SELF_REVIEW_PREVENTED: Sentence("the person who starts a run cannot approve it"),
        _R.SELF_REVIEW_ALLOWED: Sentence(
            "the person who starts a run may approve it; Prevent self-review is off"
        ),
        _R.ONLY_DEFAULT_BRANCH: Sentence("only {branch} can use the environment"),
        _R.ANY_BRANCH: Sentence(
            "every branch can use the environment, and so its secrets",
            "limit it to {branch}: Deployment branches and tags, Selected branches and tags",
        ),
        _R.PROTECTED_BRANCHES: Sentence(
            "every protected branch can use the environment, also sendspec-state",
            "limit it to {branch}: Deployment branches and tags, Selected branches and tags",
        ),
        _R.OTHER_BRANCHES: Sentence(
            "other branches or tags than {branch} can use the environment: {others}",
            "remove them under Deployment branches and tags",
        ),
        _R.ADMINS_BOUND: Sentence("administrators cannot bypass the environment"),
        _R.ADMINS_MAY_BYPASS: Sentence(
            "administrators can bypass the reviewers",
            "clear Allow administrators to bypass configured protection rules",
        ),
        _R.BYPASS_NOT_REPORTED: Sentence("GitHub does not report whether administrators can bypass it"),
        _R.SECRETS_PRESENT: Sentence("the environment has the secrets"),
        _R.SECRETS_MISSING: Sentence(
            "the environment lacks {names}", "add them to the environment, not to the repository"
        ),
        _R.NO_SHARED_SECRETS: Sentence("the repository has no credentials outside of its environments"),
        _R.SHARED_SECRETS: Sentence(
            "jobs of every branch can read secrets of the repository: {names}",
            "move them to the environment, and remove them from the repository or organisation",
        ),
        _R.REVIEW_REQUIRED: Sentence("changes of {branch} need a pull request with {count}"),
        _R.REVIEW_NOT_REQUIRED: Sentence(
            "{branch} can change without an approved pull request, and its sends go out",
            f"protect it; {_SETTINGS}",
        ),
        _R.BRANCH_GROWS_ONLY: Sentence("GitHub refuses to move sendspec-state back, or to delete it"),
        _R.BRANCH_CAN_BE_MOVED: Sentence(
            "a force push can remove what sendspec-state records, which would be sent again",
            f"add the rule Block force pushes; {_SETTINGS}",
        ),
        _R.BRANCH_CAN_BE_DELETED: Sentence(
            "sendspec-state can be deleted", f"add the rule Restrict deletions; {_SETTINGS}"
        ),
        _R.BRANCH_UNPROTECTED: Sentence(
            "sendspec-state can be moved back or deleted, and its records would be sent again",
            f"protect it; {_SETTINGS}",
        ),
        _R.PUSHES_ALLOWED: Sentence("no rule of sendspec-state refuses the pushes of a job"),
        _R.PUSHES_REFUSED: Sentence(
            "rules of sendspec-state can refuse the pushes of a job: {names}",
            "remove these rules from the branch; only deletions and force pushes must be refused",
        ),
        _R.TOKENS_ONLY_READ: Sentence("tokens of jobs only read, unless a workflow says otherwise"),
        _R.TOKENS_MAY_WRITE: Sentence(
            "the token of every job may write to the repository",
            "choose Read repository contents and packages permissions under Workflow permissions",
        ),
        _R.TOKENS_MAY_APPROVE: Sentence(
            "jobs can approve pull requests",
            "clear Allow GitHub Actions to create and approve pull requests",
        ),
    }
)


def sentence_of(result: CheckResult) -> Sentence:
    """Return the sentence of a result with its facts, and its remedy, '' without one; not escaped."""
    sentence = SENTENCES[result.reason]
    return Sentence(sentence.text.format_map(result.facts), sentence.remedy.format_map(result.facts))
