"""Many campaigns: `validate` and `plan` of 1,000 files, and `plan` of finished sends."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench.comparison import PRODUCT, Comparison, Row
from tests.bench.lines import faster_than, within_memory, within_seconds
from tests.bench.lists import number_at
from tests.bench.processes import PYTHON, ROOT, SENDSPEC, environment, measure

if TYPE_CHECKING:
    from tests.bench.comparison import Bench
    from tests.bench.processes import Cost

_CHECK_JSONSCHEMA: Final = "check-jsonschema"
_OCTODNS: Final = "octoDNS"

_CAMPAIGN: Final = """\
campaign: c{index:05}
purpose: marketing
owner: Retail
description: Order news and the offer of the week
vars: {{discount: 20, program: "148372"}}
sends:
  - id: teaser
    endpoint: contact-source
    publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f{index:06x}
    contactSourceId: {source}
    messageName: "{{{{ campaign }}}}-teaser"
    scheduledDate: "2036-12-01T14:00:00-05:00"
    preBlockingHours: 4
    audience: {{timezones: [America/New_York]}}
  - id: last-call
    endpoint: contacts
    channelQualifier: "{{{{ program }}}}"
    content: "Acme: hi %%NAME%%, {{{{ discount }}}}% off order {index} ends tonight. Reply STOP to opt out."
    contacts:
      - {{contactId: "{ada}", personalization: {{NAME: Ada}}}}
      - {{contactId: "{grace}", personalization: {{NAME: Grace}}}}
    notAfter: "2036-12-02T00:00:00-05:00"
    ttlInMinutes: 240
  - id: thanks
    endpoint: contacts
    channelQualifier: "{{{{ program }}}}"
    content: "Acme: thank you, %%NAME%%. Code THANKS{{{{ discount }}}} is yours. Reply STOP to opt out."
    contacts:
      - {{contactId: "{barbara}", personalization: {{NAME: Barbara}}}}
    personalizationDefaults: {{NAME: friend}}
    notBefore: "2036-12-03T14:00:00-05:00"
    notAfter: "2036-12-04T00:00:00-05:00"
"""
_ZONE: Final = """\
---
last-call:
  ttl: 300
  type: CNAME
  value: teaser.c{index:05}.example.
teaser:
  ttl: 300
  type: A
  value: 192.0.2.{octet}
thanks:
  ttl: 300
  type: TXT
  value: order {index} ends tonight
"""
_ZONES: Final = """\
---
providers:
  source: {class: octodns.provider.yaml.YamlProvider, directory: ./source}
  target: {class: octodns.provider.yaml.YamlProvider, directory: ./target, supports_root_ns: false}
zones:
  '*': {sources: [source], targets: [target]}
"""
_FINISHED: Final = """\
campaign: c{index:05}
purpose: transactional
sends:
"""
_FINISHED_SEND: Final = """\
  - id: order-{send}
    endpoint: contacts
    channelQualifier: "148372"
    content: "Acme: your order {index}-{send} is ready."
    contacts: [{{contactId: "{number}"}}]
"""
_SENDS_PER_CAMPAIGN: Final = 100


def write_campaigns(folder: Path, campaigns: int) -> Path:
    """Write a project of campaigns of three sends each into `folder`, and return it."""
    (folder / "campaigns").mkdir(parents=True)
    (folder / "sendspec.yaml").write_text("version: 1\n", encoding="utf-8")
    for index in range(campaigns):
        path = folder / "campaigns" / f"c{index:05}.yaml"
        # Each campaign has a message and people of its own: to send people a text twice is an error.
        ada, grace, barbara = (number_at(3 * index + at) for at in range(3))
        text = _CAMPAIGN.format(index=index, source=4_396_816 + index, ada=ada, grace=grace, barbara=barbara)
        path.write_text(text, encoding="utf-8")
    return folder


def _write_zones(folder: Path, zones: int) -> None:
    for side in ("source", "target"):
        (folder / side).mkdir(parents=True)
        for index in range(zones):
            path = folder / side / f"c{index:05}.example.yaml"
            path.write_text(_ZONE.format(index=index, octet=index % 250 + 1), encoding="utf-8")
    (folder / "config.yaml").write_text(_ZONES, encoding="utf-8")


def _validate(bench: Bench) -> Comparison:
    count = bench.size(1000)
    project = write_campaigns(bench.fresh("validate"), count)
    files = [str(path) for path in sorted((project / "campaigns").iterdir())]
    schema, log = str(ROOT / "schemas" / "campaign.schema.json"), bench.folder / "log"

    def check_jsonschema() -> Cost:
        program = bench.yardsticks.program("check-jsonschema")
        return measure([program, "--schemafile", schema, *files], log)

    return Comparison(
        contestants={
            PRODUCT: lambda: measure([SENDSPEC, "validate", str(project)], log),
            _CHECK_JSONSCHEMA: check_jsonschema,
        },
        lines=(faster_than(f"`validate` of {count:,} campaigns of 3 sends", _CHECK_JSONSCHEMA, at_least=5),),
    )


def _plan(bench: Bench) -> Comparison:
    count = bench.size(1000)
    folder, log = bench.fresh("plan"), bench.folder / "log"
    project = write_campaigns(folder / "specs", count)
    _write_zones(folder / "zones", count)

    def octodns() -> Cost:
        command = [bench.yardsticks.program("octodns-sync"), "--config-file", "config.yaml", "--quiet"]
        return measure(command, log, folder=folder / "zones")

    return Comparison(
        contestants={
            PRODUCT: lambda: measure([SENDSPEC, "plan", str(project)], log),
            _OCTODNS: octodns,
        },
        lines=(faster_than(f"`plan` of {count:,} campaigns of 3 sends", _OCTODNS, at_least=4),),
    )


def _finished(bench: Bench) -> Comparison:
    count = bench.size(10_000)
    folder, log = _finished_project(bench, count), bench.folder / "log"
    env = environment(XDG_STATE_HOME=str(folder / "state"))
    command = [SENDSPEC, "plan", "--detailed-exitcode", str(folder / "specs")]
    return Comparison(
        # Exit code 0 also shows that the plan sends nothing: it would be 2.
        contestants={PRODUCT: lambda: measure(command, log, env=env)},
        lines=(
            within_seconds(f"`plan` of {count:,} finished sends", 2),
            within_memory(f"peak of `plan` of {count:,} finished sends", None),
        ),
    )


def _finished_project(bench: Bench, count: int) -> Path:
    """Return the folder of a project whose sends the sandbox has accepted, and of its machine memory.

    It is kept, because 10,000 requests take most of a minute. A project whose ledger another version wrote is
    removed.
    """
    folder = bench.cache / f"finished-{count}-{_ledger_version()}"
    if (folder / "whole").exists():
        return folder
    for other in bench.cache.glob(f"finished-{count}-*"):
        shutil.rmtree(other)
    specs = folder / "specs"
    (specs / "campaigns").mkdir(parents=True)
    (specs / "sendspec.yaml").write_text("version: 1\n", encoding="utf-8")
    for first in range(0, count, _SENDS_PER_CAMPAIGN):
        index = first // _SENDS_PER_CAMPAIGN
        sends = "".join(
            _FINISHED_SEND.format(index=index, send=send, number=number_at(send))
            for send in range(first, min(first + _SENDS_PER_CAMPAIGN, count))
        )
        text = f"{_FINISHED.format(index=index)}{sends}"
        (specs / "campaigns" / f"c{index:05}.yaml").write_text(text, encoding="utf-8")
    env = environment(XDG_STATE_HOME=str(folder / "state"))
    command = [PYTHON, "-m", "tests.bench.finished_ledger", str(specs)]
    measure(command, bench.folder / "log", env=env, folder=ROOT)
    (folder / "whole").touch()
    return folder


def _ledger_version() -> str:
    """Return a digest of the code that decides about the content of a ledger, and of the project above."""
    package = ROOT / "sendspec"
    files = [*(package / "ledger").rglob("*.py"), *(package / "render").rglob("*.py"), Path(__file__)]
    files += [package / "finished_list_digests.py", package / "audience" / "fingerprint.py"]
    files += [ROOT / "tests" / "bench" / "finished_ledger.py"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


ROWS: Final = (
    Row("validate", "`validate` of 1,000 campaigns, as check-jsonschema of the same files", _validate),
    Row("plan", "`plan` of 1,000 campaigns, as octoDNS' plan of 1,000 zones without changes", _plan),
    Row("finished", "`plan` of 10,000 finished sends", _finished),
)
