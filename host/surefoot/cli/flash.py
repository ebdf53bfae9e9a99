"""The command flash: what is asked and told on the way from a board at the cable to a pod that runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.messages import CANNOT, messages, say, somebody_is_there, tell, tell_json
from surefoot.errors import SurefootError, reason
from surefoot.words import count_of

if TYPE_CHECKING:
    from surefoot.flash.bench import Done, Show
    from surefoot.flash.found import Found
    from surefoot.flash.image import Image
    from surefoot.flash.plan import Content, Plan
    from surefoot.usb.ports import Port

NEXT = "surefoot selftest"


def flash(
    port: Annotated[
        str | None, typer.Option(help="Serial port of the board; else the only one that may be one.", metavar="PORT")
    ] = None,
    board: Annotated[
        str | None,
        typer.Option(help="esp32_devkitc, lolin32_lite, xiao_esp32c3 or xiao_esp32s3.", metavar="BOARD"),
    ] = None,
    micropython: Annotated[
        Path | None, typer.Option(help="MicroPython image; else the known one is fetched.", metavar="FILE")
    ] = None,
    sha256: Annotated[str | None, typer.Option(help="SHA-256 that the image must have, in hex.", metavar="HEX")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done and write nothing.", metavar="")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before another program is overwritten.", metavar="")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.", metavar="")] = False,
) -> None:
    """Put MicroPython and the pod's firmware onto a board at the USB cable, and see that it starts.

    Settings, bonds and runs of a pod stay. What is right already is skipped, so the same command goes on where a pulled
    cable broke it off. Not tried on hardware yet.

    Example: `surefoot flash --board xiao_esp32c3`
    """
    from surefoot.flash import build
    from surefoot.usb import ports
    from surefoot.usb.trouble import NoPort

    if board is not None:
        build.known(board)
    image = _read(micropython, sha256) if micropython else None
    try:
        chosen = ports.choose(port)
    except NoPort:
        if not (dry_run and board):
            raise
        _tell_new_board(board, image, sha256, as_json)
        return
    _flash(chosen, board, image, micropython, sha256, dry_run, yes, as_json)


def _flash(
    port: Port,
    board: str | None,
    image: Image | None,
    file: Path | None,
    sha256: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    from surefoot.flash import build
    from surefoot.flash.belongings import state_folder
    from surefoot.flash.bench import Bench, Done
    from surefoot.flash.found import table_sector
    from surefoot.flash.install import holds, install, survey
    from surefoot.flash.plan import check_fits, content, plan

    say(f"At {port}.")
    if not port.likely:
        _ask(port, "This port is not known to be a pod's board. Ask the chip behind it what it is", yes)
    ours = frozenset(table_sector(build.table_of(facts)).data for facts in build.boards().values())
    bench, done = Bench(), Done()
    loader = bench.loader(port.device)
    with _shown() as show:
        at, _ = survey(loader, None, ours, show)
    handed_over = False
    try:
        for sentence in at.sentences:
            say(sentence)
        name = board or _board_of(port, at)
        with _shown() as show:
            ready, image_name = (image, str(file)) if image else _published(name, sha256, show)
            show.step(f"Compiling the firmware for {name}")
            wanted = content(name, ready, image_name)
            for sentence in check_fits(port.device, at, wanted):
                show.say(sentence)
            todo = plan(at, wanted, holds(loader, at, wanted, show))
        if not as_json or dry_run:
            _tell_plan(todo, wanted, at, as_json)
        if dry_run:
            return
        if todo.loses:
            _ask(port, f"This is lost: {'; '.join(todo.loses)}. Go on", yes)
        handed_over = True
        with _shown() as show, _saying_what_is_left(done):
            install(port, at, todo, wanted, ours, state_folder(), done, show, bench)
    finally:
        if not handed_over:
            with contextlib.suppress(SurefootError):
                loader.start()
    if as_json:
        tell_json({**_facts(todo, wanted, at), "written": done.written, "files": done.files, "returns": done.returns})
        return
    tell(_summary(done.written, done.files, done.put_back))
    tell(f"The pod runs: {wanted.facts.name}, firmware {wanted.version}, {wanted.micropython}.")
    say("Next, see whether it measures:", NEXT)


def _read(file: Path, sha256: str | None) -> Image:
    from surefoot.flash.image import read_image
    from surefoot.flash.published import LARGEST, check_hash
    from surefoot.flash.trouble import ImageError

    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise ImageError(str(file), reason(error), "name a file that can be read") from None
    if len(data) > LARGEST:
        raise ImageError(str(file), f"it is longer than {LARGEST >> 20} MB", "name MicroPython's .bin for the board")
    if sha256:
        check_hash(data, sha256, str(file))
    return read_image(data, str(file))


def _published(board: str, sha256: str | None, show: Show) -> tuple[Image, str]:
    """Return the image that is known for a board, and its name; it is fetched once."""
    from surefoot.flash.image import read_image
    from surefoot.flash.published import cache_folder, fetched, image_of

    show.step("Fetching MicroPython")
    file = image_of(board, sha256, cache_folder(), show.progress, fetched)
    return read_image(file.read_bytes(), file.name), file.name


def _board_of(port: Port, at: Found) -> str:
    """Which board it is: what the pod in it says, else the only one with this chip, else ask."""
    from surefoot.flash import build
    from surefoot.flash.trouble import BoardError

    all_boards = build.boards()
    chip = at.chipset.chip
    if at.board in all_boards and all_boards[at.board].chip == chip.name:
        return at.board
    fitting = [name for name, facts in all_boards.items() if facts.chip == chip.name]
    if len(fitting) == 1:
        return fitting[0]
    if not somebody_is_there():
        raise BoardError(port.device, f"it may be {' or '.join(fitting)}", "say which with --board")
    say(f"There are several boards with an {chip.called}; this one is at a {port.kind}.")
    for number, name in enumerate(fitting, 1):
        say(f"{number}  {name}")
    while True:
        answer = str(typer.prompt("Which one is it? A number", err=True)).strip()
        if answer.isdecimal() and 1 <= int(answer) <= len(fitting):
            return fitting[int(answer) - 1]
        say(f"Give a number from 1 to {len(fitting)}.")


def _ask(port: Port, question: str, yes: bool) -> None:
    """Go on only if somebody says so; without an answer the answer is no."""
    from surefoot.flash.trouble import ConsentNeeded

    if yes:
        say(f"{question}: yes, as was said with --yes.")
        return
    if not somebody_is_there():
        why = f"it has to be asked first, and nobody is there: {question}?"
        raise ConsentNeeded(port.device, question, why, "say it with --yes if that is so")
    if not typer.confirm(f"{question}?", False, err=True):
        say("Nothing on the board was changed.")
        raise typer.Exit(CANNOT)


def _tell_new_board(board: str, image: Image | None, sha256: str | None, as_json: bool) -> None:
    from surefoot.flash.plan import content, plan

    with _shown() as show:
        ready = image or _published(board, sha256, show)[0]
        show.step(f"Compiling the firmware for {board}")
        wanted = content(board, ready, "the image")
    say(f"No board is plugged in. With a new {board} this would be done:")
    _tell_plan(plan(None, wanted, ()), wanted, None, as_json)


def _tell_plan(todo: Plan, wanted: Content, at: Found | None, as_json: bool) -> None:
    if as_json:
        tell_json(_facts(todo, wanted, at))
        return
    tell(f"{wanted.board}, firmware {wanted.version}, {wanted.micropython}:")
    for sentence in todo.sentences:
        tell(f"- {sentence}")


def _facts(todo: Plan, wanted: Content, at: Found | None) -> dict[str, Any]:
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


def _summary(written: list[str], files: list[str], put_back: int) -> str:
    everything = [*written, *files]
    if not everything:
        return "Nothing had to be written: all of it was there and right."
    back = f" {count_of(put_back, 'file')} of settings and bonds put back." if put_back else ""
    return f"Written, read back and compared: {', '.join(everything)}.{back}"


@contextlib.contextmanager
def _saying_what_is_left(done: Done) -> Iterator[None]:
    """After a failure say what is on the board now."""
    try:
        yield
    except (SurefootError, KeyboardInterrupt) as error:
        if isinstance(error, SurefootError):
            say(str(error), strong=True)
        say(done.left)
        if isinstance(error, SurefootError):
            raise typer.Exit(CANNOT) from None
        raise


@contextlib.contextmanager
def _shown() -> Iterator[Show]:
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
