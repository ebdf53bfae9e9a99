"""How the command flash shows what it does: the plan, how far it is, what was written, what is left after a failure."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from surefoot.cli.messages import CANNOT, messages, say, tell, tell_json
from surefoot.errors import SurefootError
from surefoot.words import count_of

if TYPE_CHECKING:
    from surefoot.flash.bench import Done, Show
    from surefoot.flash.found import Found
    from surefoot.flash.plan import Content, Plan


def tell_plan(todo: Plan, wanted: Content, at: Found | None, as_json: bool) -> None:
    """Print what will be done."""
    if as_json:
        tell_json(facts_of(todo, wanted, at))
        return
    tell(f"{wanted.board}, firmware {wanted.version}, {wanted.micropython}:")
    for sentence in todo.sentences:
        tell(f"- {sentence}")


def facts_of(todo: Plan, wanted: Content, at: Found | None) -> dict[str, Any]:
    """Return what was found and what will be done, for programs."""
    found = None
    if at is not None:
        chip = at.chipset
        found = {"chip": chip.description, "mac": chip.mac, "flash_mb": chip.flash_mb, "holds": at.content}
    return {
        "board": wanted.board,
        "firmware": wanted.version,
        "micropython": wanted.micropython,
        "found": found,
        "plan": todo.facts,
    }


def summary(written: list[str], files: list[str], put_back: int) -> str:
    """Return the sentence on what was written."""
    everything = [*written, *files]
    if not everything:
        return "Nothing had to be written: all of it was there and right."
    back = f" {count_of(put_back, 'file')} of settings and bonds put back." if put_back else ""
    return f"Written, read back and compared: {', '.join(everything)}.{back}"


def how_far(done: Done) -> dict[str, Any]:
    """Return what was done, for programs."""
    return {"written": done.written, "files": done.files, "put_back": done.put_back, "returns": done.returns}


@contextlib.contextmanager
def saying_what_is_left(done: Done, as_json: bool) -> Iterator[None]:
    """After a failure say what is on the board now."""
    try:
        yield
    except (SurefootError, KeyboardInterrupt) as error:
        if isinstance(error, SurefootError):
            say(str(error), strong=True)
        say(done.left)
        if isinstance(error, SurefootError):
            if as_json:
                tell_json({"error": str(error), "left": done.left, **how_far(done)})
            raise typer.Exit(CANNOT) from None
        raise


@contextlib.contextmanager
def shown() -> Iterator[Show]:
    """Show steps and how far they are: a bar where somebody can see it, else nothing."""
    from surefoot.flash.bench import Show

    if not messages.is_terminal:
        yield Show(lambda what: None, lambda done, total: None, say)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=messages, transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)
        yield Show(
            lambda what: bar.reset(task, description=what, total=None, visible=True),
            lambda done, total: bar.update(task, completed=done, total=total),
            say,
        )
