"""The command flash: what is asked and told on the way from a board at the cable to a pod that runs."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.flash_shown import facts_of, how_far, saying_what_is_left, shown, summary, tell_plan
from surefoot.cli.messages import CANNOT, say, somebody_is_there, tell, tell_json
from surefoot.errors import SurefootError, reason

if TYPE_CHECKING:
    from surefoot.flash.bench import Show
    from surefoot.flash.found import Found
    from surefoot.flash.image import Image
    from surefoot.usb.ports import Port

NEXT = "surefoot selftest"
_SHA256 = re.compile("[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class _Wishes:
    """What was asked for on the command line."""

    port: str | None
    board: str | None
    micropython: Path | None
    sha256: str | None
    dry_run: bool
    yes: bool
    erase: bool
    as_json: bool


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
        bool, typer.Option("--dry-run", help="Show what would be done, write nothing. The board restarts.", metavar="")
    ] = False,
    erase: Annotated[
        bool, typer.Option("--erase", help="Keep nothing: settings, bonds and runs are lost.", metavar="")
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Yes to all: this port is the board, and what is told as lost may go.", metavar=""),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.", metavar="")] = False,
) -> None:
    """Put MicroPython and the pod's firmware onto a board at the USB cable, and see that it starts.

    Settings, bonds and runs of a pod stay. What is right already is skipped, so the same command goes on where a pulled
    cable broke it off. Not tried on hardware yet.

    Example: `surefoot flash --board xiao_esp32c3`
    """
    from surefoot.flash import build
    from surefoot.flash.trouble import ImageError
    from surefoot.usb import ports
    from surefoot.usb.trouble import NoPort

    if board is not None:
        build.known(board)
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise ImageError(str(micropython or "to be fetched"), f"'{sha256}' is no SHA-256", "give its 64 hex digits")
    image = _read(micropython, sha256) if micropython else None
    try:
        chosen = ports.choose(port)
    except NoPort:
        if not (dry_run and board):
            raise
        _tell_new_board(board, image, sha256, as_json)
        return
    _flash(chosen, image, _Wishes(port, board, micropython, sha256, dry_run, yes, erase, as_json))


def _flash(port: Port, image: Image | None, wishes: _Wishes) -> None:
    from surefoot.flash import build
    from surefoot.flash.belongings import state_folder
    from surefoot.flash.bench import Bench, Done
    from surefoot.flash.found import table_sector
    from surefoot.flash.install import holds, install, survey
    from surefoot.flash.plan import check_fits, content, contradiction, plan
    from surefoot.flash.trouble import LoaderLost, NoLoader
    from surefoot.usb.trouble import CableError

    _may_be_restarted(port, wishes)
    ours = frozenset(table_sector(build.table_of(facts)).data for facts in build.boards().values())
    bench, done = Bench(), Done()
    loader = bench.loader(port.device)
    to_restart = True
    try:
        with shown() as show:
            at, _ = survey(loader, None, ours, show)
        for sentence in at.sentences:
            say(sentence)
        name = wishes.board or _board_of(port, at)
        with shown() as show:
            ready, image_name = (image, str(wishes.micropython)) if image else _published(name, wishes.sha256, show)
            show.step(f"Compiling the firmware for {name}")
            wanted = content(name, ready, image_name)
            for sentence in check_fits(port.device, at, wanted):
                show.say(sentence)
            todo = plan(at, wanted, holds(loader, at, wanted, show), anew=wishes.erase)
        if not wishes.as_json or wishes.dry_run:
            tell_plan(todo, wanted, at, wishes.as_json)
        other = contradiction(at, wanted)
        if wishes.dry_run:
            if other:
                say(f"{other}.")
            return
        if other:
            _ask(port, f"{other}. Go on", wishes.yes)
        if todo.loses:
            _ask(port, f"This is lost: {'; '.join(todo.loses)}. Go on", wishes.yes)
        to_restart = False
        with shown() as show, saying_what_is_left(done, wishes.as_json):
            install(port, at, todo, wanted, ours, state_folder(), done, show, bench)
    except (CableError, LoaderLost, NoLoader):
        to_restart = False  # it is not in its loader, or cannot be reached
        raise
    finally:
        if to_restart:
            with contextlib.suppress(SurefootError):
                loader.start()
    if wishes.as_json:
        tell_json({**facts_of(todo, wanted, at), **how_far(done)})
        return
    tell(summary(done.written, done.files, done.put_back))
    tell(f"The pod runs: {wanted.facts.name}, firmware {wanted.version}, {wanted.micropython}.")
    say("Next, see whether it measures:", f"{NEXT} --port {port.device}")


def _may_be_restarted(port: Port, wishes: _Wishes) -> None:
    """Say which port it is and what the first look does, and ask where the port may be something else's."""
    say(f"At {port}.")
    say("Looking at the board restarts it: a run that a pod is recording ends. Stop it and fetch it first.")
    if not port.likely:
        _ask(port, "This port is not known to be a pod's board. Ask the chip behind it what it is", wishes.yes)
    elif port.is_bridge and wishes.port is None:
        _ask(port, f"A {port.kind} stands on other things than boards, too. Is this the board", wishes.yes)
    elif somebody_is_there() and not wishes.yes:
        _ask(port, "Restart it now", wishes.yes)


def _read(file: Path, sha256: str | None) -> Image:
    from surefoot.flash.image import read_image
    from surefoot.flash.published import LARGEST, check_hash, is_known
    from surefoot.flash.trouble import ImageError

    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise ImageError(str(file), reason(error), "name a file that can be read") from None
    if len(data) > LARGEST:
        raise ImageError(str(file), f"it is longer than {LARGEST >> 20} MB", "name MicroPython's .bin for the board")
    if sha256 is not None:
        check_hash(data, sha256, str(file))
    image = read_image(data, str(file))
    if sha256 is None and not is_known(data):
        say(f"Whether {file.name} is as it was published is not known here: its SHA-256 is none of docs/flashing.md.")
    return image


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

    with shown() as show:
        ready = image or _published(board, sha256, show)[0]
        show.step(f"Compiling the firmware for {board}")
        wanted = content(board, ready, "the image")
    say(f"No board is plugged in. With a new {board} this would be done:")
    tell_plan(plan(None, wanted, ()), wanted, None, as_json)
