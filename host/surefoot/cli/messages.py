"""How every command speaks: data to stdout, messages to stderr, one exit code for each way to end."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console

DONE = 0
LOSSES = 1
"""Done, and what was looked at has losses: only `verify` says this."""
CANNOT = 2
INTERRUPTED = 130

messages = Console(stderr=True, highlight=False)


def say(sentence: str, *, strong: bool = False) -> None:
    """Print one sentence for people on stderr."""
    messages.print(sentence, style="bold" if strong and messages.is_terminal else None, markup=False, soft_wrap=True)


def tell(line: str) -> None:
    """Print one line of facts on stdout."""
    Console(soft_wrap=True, highlight=False).print(line, markup=False)


def tell_json(facts: Any) -> None:
    """Print facts as JSON on stdout."""
    typer.echo(json.dumps(facts, indent=2))


def printable(text: str) -> str:
    """Return text that somebody else chose (a name from the air, a note) without what would steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


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
