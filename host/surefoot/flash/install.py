"""Make a board hold what it shall hold, and see that the pod starts from it.

Every step is such that the whole can be begun again after it broke off anywhere: what is right is skipped, and what
the pod keeps is not touched, or is in a file of this computer. A pulled cable costs a repetition and nothing else.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from surefoot.errors import SurefootError
from surefoot.flash.belongings import Belongings
from surefoot.flash.bench import RENEW_S, RETURN_S, Bench, Done, Show
from surefoot.flash.found import Found, look, mark_of
from surefoot.flash.loader import Loader, Progress, Region
from surefoot.flash.partitions import Partition
from surefoot.flash.plan import Content, Plan, plan
from surefoot.flash.start import ERASE, settle
from surefoot.flash.trouble import BoardError, LoaderLost, OtherBoard, ReadBackDiffers
from surefoot.usb.ports import Port
from surefoot.usb.trouble import BoardRaised, CableLost, NoAnswer, NoPrompt, PortMissing

RETURNS = 5
"""After so many pulled cables in one call something else is wrong."""
_GONE = (CableLost, LoaderLost, PortMissing)
"""What a pulled cable looks like, depending on when."""


def survey(
    loader: Loader, wanted: Content | None, ours: frozenset[bytes], show: Show
) -> tuple[Found, tuple[Region, ...]]:
    """Look at a board, and which regions of `wanted` it holds already."""
    show.step("Looking at the board")
    at = look(loader, ours, show.progress)
    return at, holds(loader, at, wanted, show) if wanted else ()


def holds(loader: Loader, at: Found, wanted: Content, show: Show) -> tuple[Region, ...]:
    """Return which regions of `wanted` the board holds already, where that can matter."""
    if at.begun or at.table != wanted.sector.data:
        return ()
    show.step("Comparing")
    return loader.same(wanted.regions)


def install(
    port: Port,
    at: Found,
    first: Plan,
    wanted: Content,
    ours: frozenset[bytes],
    state: Path,
    done: Done,
    show: Show,
    bench: Bench,
) -> None:
    """Carry out the plan `first` for the board found as `at`, and go on by itself when a pulled cable is back.

    `ours` are the partition tables of pods, `state` is where settings are kept meanwhile, `done` tells how far it is.

    Raises
    ------
    SurefootError
        What cannot be done; it says what to do next.
    """
    belongings = Belongings(state, at.chipset.mac)
    todo: Plan | None = first
    while True:
        try:
            if not done.flashed:
                if todo is None:
                    at, todo = _again(port, at, first, wanted, ours, show, bench)
                _flash(port, at, todo, belongings, done, show, bench)
            settle(port, at.chipset.mac, wanted, belongings, done, show, bench)
            return
        except _GONE as error:
            if done.returns == RETURNS:
                raise
            done.returns += 1
            show.say(f"{error.why[0].upper()}{error.why[1:]}. Waiting a minute for it: plug it in again where it was.")
            port = bench.wait_for(port, RETURN_S)
            todo = None


def _again(
    port: Port, before: Found, first: Plan, wanted: Content, ours: frozenset[bytes], show: Show, bench: Bench
) -> tuple[Found, Plan]:
    """Look at the board that came back, if it is the same one, and what is left to do."""
    loader = bench.loader(port.device)
    _check_same(loader, before.chipset.mac)
    at, same = survey(loader, wanted, ours, show)
    return at, plan(at, wanted, same, anew=first.anew)


def _check_same(loader: Loader, mac: str) -> None:
    """Refuse another board than the one that was looked at, and let it run again."""
    here = loader.chipset().mac
    if here != mac:
        with suppress(SurefootError):
            loader.start()
        raise OtherBoard(loader.device, here)


def _flash(port: Port, at: Found, todo: Plan, belongings: Belongings, done: Done, show: Show, bench: Bench) -> None:
    """Write flash and read it back; then let the chip start."""
    if todo.rescues:
        _rescue(port, at.chipset.mac, belongings, show, bench)
    loader = bench.loader(port.device)
    if todo.writes:
        # somebody may have thought about the question for long, with two boards on the desk
        _check_same(loader, at.chipset.mac)
        done.begun = True
    if todo.erases:
        show.step("Emptying")
        loader.write([mark_of(at)])
        if todo.anew:
            belongings.forget()
        for offset, size in _joined(todo.erases):
            loader.erase(offset, size)
    if todo.writes:
        show.step("Writing")
        loader.write(todo.writes, show.progress)
        show.step("Reading back")
        _compare(loader, todo.writes, show.progress)
        done.written += [region.name for region in todo.writes if region.name not in done.written]
    loader.start()
    done.flashed = True


def _rescue(port: Port, mac: str, belongings: Belongings, show: Show, bench: Bench) -> None:
    """Keep the pod's settings and bonds on this computer."""
    show.step("Reading settings and bonds")
    bench.loader(port.device).start()
    bench.sleep(RENEW_S)
    try:
        with bench.prompt(port, mac) as repl:
            belongings.take(repl)
    except (NoAnswer, NoPrompt, BoardRaised) as error:
        raise BoardError(
            port.device,
            f"its partitions would move, and its settings cannot be read first ({error.why})",
            f"press its reset button and try again; to give the settings up, {ERASE}",
        ) from None


def _joined(parts: tuple[Partition, ...]) -> list[tuple[int, int]]:
    """Return offset and size of what is to be erased; neighbours together, for each call takes some seconds."""
    spans: list[tuple[int, int]] = []
    for part in sorted(parts, key=lambda part: part.offset):
        if spans and sum(spans[-1]) == part.offset:
            spans[-1] = (spans[-1][0], spans[-1][1] + part.size)
        else:
            spans.append((part.offset, part.size))
    return spans


def _compare(loader: Loader, regions: tuple[Region, ...], on_progress: Progress) -> None:
    """Read each region back and compare byte for byte."""
    total, before = sum(len(region.data) for region in regions), 0
    for region in regions:
        came = loader.read(region.offset, len(region.data), _behind(before, total, on_progress))
        if came != region.data:
            wrong = next(at for at, (one, other) in enumerate(zip(came, region.data, strict=True)) if one != other)
            raise ReadBackDiffers(loader.device, region.name, region.offset + wrong)
        before += len(region.data)


def _behind(before: int, total: int, on_progress: Progress) -> Progress:
    """Tell the progress of a part as that of the whole."""
    return lambda done, _: on_progress(before + done, total)
