"""Projects with one send to a list in any format, and the contacts that it sends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.projects import project


def with_list(name: str, data: bytes | str, columns: str | None = None, extra: str = "") -> Path:
    """Write a project with one send to the list `name`, and return its path."""
    mapping = f", columns: {columns}" if columns else ""
    directory = project(
        Path("specs"),
        "campaign: order\npurpose: transactional\nsends:\n  - id: ready\n    endpoint: contacts\n"
        '    channelQualifier: "148372"\n    content: "Acme: hi %%NAME%%, your order is ready."\n'
        f"    contacts: {{file: ../contacts/{name}{mapping}}}\n"
        f"    personalizationDefaults: {{NAME: there}}\n{extra}",
    )
    path = directory / "contacts" / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def sent(cli) -> list[dict[str, Any]]:
    """Return the contacts of the only request."""
    done = cli("render")
    assert done.code == 0, done.err
    return json.loads(done.out)["body"]["contacts"]
