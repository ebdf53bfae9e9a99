"""How every command speaks: data to stdout, messages to stderr, one exit code for each way to end."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console

DONE = 0
LOSSES = 1
"""Done, with losses: `verify` says this of files, `record` where the end of a run was lost."""
CANNOT = 2
INTERRUPTED = 130

messages = Console(stderr=True, highlight=False)


_LEAD = re.compile(r"[ ]*([-·!] )?")
"""What stands before a sentence, and is as wide before its other lines."""


def say(sentence: str, exact: str = "", *, strong: bool = False) -> None:
    """Print one sentence for people on stderr; what is `exact`, a command or a path, can be copied whole."""
    style = "bold" if strong and messages.is_terminal else None
    messages.print(_laid_out(sentence, exact, messages), style=style, markup=False, soft_wrap=True)


def tell(line: str, exact: str = "") -> None:
    """Print one line of facts on stdout; what is `exact`, a command or a path, can be copied whole."""
    console = Console(highlight=False)
    console.print(_laid_out(line, exact, console), markup=False, soft_wrap=True)


def _laid_out(line: str, exact: str, console: Console) -> str:
    """Break lines between words on a terminal, and nowhere else: one line is easier to search and to read on."""
    whole = f"{line} {exact}" if exact else line
    if not console.is_terminal or len(whole) <= console.width:
        return whole
    lead = " " * (len(line) - len(_LEAD.sub("", line, count=1)))
    wrapped = textwrap.fill(line, console.width, subsequent_indent=lead, break_long_words=False, break_on_hyphens=False)
    return f"{wrapped}\n{lead}  {exact}" if exact else wrapped


def tell_json(facts: Any) -> None:
    """Print facts as JSON on stdout."""
    typer.echo(json.dumps(facts, indent=2))


def somebody_is_there() -> bool:
    """Whether a person can be asked: keys come from a terminal, and what is said goes to one."""
    return sys.stdin is not None and sys.stdin.isatty() and messages.is_terminal


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Show that work goes on, where somebody can see it."""
    if not messages.is_terminal:
        yield
        return
    with messages.status(what, spinner_style="none"):
        yield
