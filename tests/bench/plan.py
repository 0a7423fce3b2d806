"""Time of `plan` for 1,000 small campaigns, with process start; the aim is less than 3 ms each.

It runs once with nothing sent and once with everything sent, which costs a stretched digest per send.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.timing import SENDSPEC, interleaved, timed

CAMPAIGN = """\
campaign: c{index:04}
purpose: transactional
vars: {{discount: 20}}
sends:
  - id: first
    endpoint: external-consent
    channelQualifier: "148372"
    content: "Acme: hi %%NAME%%, {{{{ discount }}}}% off your order {index}."
    contacts:
      - {{phoneNumber: "12125550123", personalization: {{NAME: Ada}}}}
      - {{phoneNumber: "12125550124", personalization: {{NAME: Grace}}}}
"""


def write(directory: Path, campaigns: int) -> str:
    """Write a project of `campaigns` campaigns with one send and one request, and return its directory."""
    (directory / "campaigns").mkdir(parents=True)
    (directory / "sendspec.yaml").write_text("version: 1\n")
    for index in range(campaigns):
        (directory / "campaigns" / f"c{index:04}.yaml").write_text(CAMPAIGN.format(index=index))
    return str(directory)


def main() -> None:
    campaigns = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        fresh, sent = write(Path(folder, "fresh"), campaigns), write(Path(folder, "sent"), campaigns)
        timed([SENDSPEC, "apply", sent, "--auto-approve"])
        verbs = {
            f"validate {campaigns:,} campaigns": ([SENDSPEC, "validate", fresh], 7),
            f"plan {campaigns:,} campaigns": ([SENDSPEC, "plan", fresh], 7),
            f"plan {campaigns:,} sent ones": ([SENDSPEC, "plan", sent], 1),
        }
        for name, (command, rounds) in verbs.items():
            cost = interleaved({name: command}, rounds)[name]
            print(
                f"{name:26}{cost.wall:7.2f} s ({cost.cpu:5.2f} s of CPU)"
                f"  {cost.wall * 1000 / campaigns:5.2f} ms each"
            )


if __name__ == "__main__":
    main()
