"""`sendspec completion`: the script with which a shell completes verbs, options and names."""

from __future__ import annotations

import click

from sendspec.cli._lib.completion import VARIABLE
from sendspec.cli._lib.console import Console


@click.command("completion")
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the script that lets bash, zsh or fish complete names.

    Add `eval "$(sendspec completion bash)"` to ~/.bashrc, the same with zsh to ~/.zshrc, or
    `sendspec completion fish | source` to ~/.config/fish/config.fish.
    """
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    from sendspec.cli import commands

    scripts = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
    Console().write_data(scripts[shell](commands, {}, "sendspec", VARIABLE).source() + "\n")
    return 0
