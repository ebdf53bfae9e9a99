"""What is to be done to a board, and what is not: decided before anything is written, from what was found."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surefoot.flash import build, found, romfs
from surefoot.flash.build import STARTED_BY_NAME, Board
from surefoot.flash.found import Found, Kind
from surefoot.flash.image import Image, for_flash
from surefoot.flash.loader import Region
from surefoot.flash.partitions import Partition
from surefoot.flash.trouble import BoardError, ImageError
from surefoot.words import size_of

_DATA = ("vfs", "runs")
"""Partitions that hold what the pod keeps; one behind the other in every table."""


@dataclass(frozen=True)
class Content:
    """What a board shall hold.

    Attributes
    ----------
    board : str
        Name of its file in `firmware/boards`.
    facts : Board
        What that file tells.
    version : str
        The firmware's.
    micropython : str
        MicroPython and its version.
    table : tuple of Partition
        Its partitions.
    regions : tuple of Region
        Boot loader, partition table, MicroPython, firmware, in the order of their places.
    files : dict of str to bytes
        Those that MicroPython starts by name.
    """

    board: str
    facts: Board
    version: str
    micropython: str
    table: tuple[Partition, ...]
    regions: tuple[Region, ...]
    files: dict[str, bytes]

    @property
    def sector(self) -> Region:
        """The partition table."""
        return self.regions[1]

    def place(self, name: str) -> Partition:
        """Return the partition of that name."""
        return next(part for part in self.table if part.name == name)


def content(board: str, image: Image, image_name: str, firmware: Path = build.FIRMWARE) -> Content:
    """Compile the firmware and put together what the board shall hold.

    Raises
    ------
    BuildError, PartitionError
        There is no such board, or its firmware does not compile.
    ImageError
        The image is for another chip, or does not fit.
    """
    facts = build.known(board, firmware)
    if image.chip.name != facts.chip:
        raise ImageError(
            image_name, f"it is for {image.chip.called} and {board} has {facts.chip}", "take the image of that chip"
        )
    table = tuple(build.table_of(facts, firmware))
    places = {part.name: part for part in table}
    with tempfile.TemporaryDirectory(prefix="surefoot-flash-") as folder:
        built = Path(folder) / "built"
        build.build(board, built, firmware)
        rom = romfs.pack(built / "rom")
        files = {name: (built / "files" / name).read_bytes() for name in STARTED_BY_NAME}
    regions = (
        Region("the boot loader", image.chip.bootloader_offset, for_flash(image.bootloader, facts.flash_mb)),
        found.table_sector(list(table)),
        Region(str(image.program), places["factory"].offset, image.app),
        Region("the firmware", places["romfs"].offset, rom),
    )
    for region, name in ((regions[2], "factory"), (regions[3], "romfs")):
        if len(region.data) > places[name].size:
            room = size_of(places[name].size)
            raise ImageError(image_name, f"{region.name} does not fit into the {room} of its partition", "take another")
    padded = tuple(Region(one.name, one.offset, _aligned(one.data)) for one in regions)
    return Content(board, facts, build.version(firmware), str(image.program), table, padded, files)


@dataclass(frozen=True)
class Plan:
    """What will happen to the flash of one board.

    Attributes
    ----------
    writes, same : tuple of Region
        What is written, and what is there already.
    erases : tuple of Partition
        Emptied first, because what lies there is not a pod's.
    keeps, loses : tuple of str
        What stays as it is, and what is lost, in words.
    rescues : bool
        Settings and bonds lie where the new table has something else: they are read first and put back afterwards.
    anew : bool
        It was asked that nothing be kept.
    """

    writes: tuple[Region, ...]
    same: tuple[Region, ...]
    erases: tuple[Partition, ...]
    keeps: tuple[str, ...]
    loses: tuple[str, ...]
    rescues: bool
    anew: bool = False

    @property
    def sentences(self) -> list[str]:
        """One line for each thing, as it is shown before it is done."""
        said = [f"Write {one.name}: {size_of(len(one.data))} at {one.offset:#x}." for one in self.writes]
        said += [f"Skip {one.name}: it is there already." for one in self.same]
        said += [f"Empty '{one.name}': {size_of(one.size)} at {one.offset:#x}." for one in self.erases]
        said += ["Read settings and bonds first, and put them back at the end."] if self.rescues else []
        said += [f"Keep {one}." for one in self.keeps]
        said += [f"Lost: {one}." for one in self.loses]
        return [*said, f"In the end put {' and '.join(STARTED_BY_NAME)} into the file system, where they differ."]

    @property
    def facts(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "write": [{"name": one.name, "offset": one.offset, "bytes": len(one.data)} for one in self.writes],
            "same": [{"name": one.name, "offset": one.offset, "bytes": len(one.data)} for one in self.same],
            "empty": [{"name": one.name, "offset": one.offset, "bytes": one.size} for one in self.erases],
            "keeps": list(self.keeps),
            "loses": list(self.loses),
            "reads_settings_first": self.rescues,
        }


def plan(at: Found | None, wanted: Content, same: Iterable[Region], *, anew: bool = False) -> Plan:
    """Decide what to do with a board found so; None is a new one that nobody has seen.

    `same` are the regions that flash was found to hold; `anew` says that nothing is to be kept.
    """
    kept = at is not None and not at.begun and at.kind is Kind.POD and at.table == wanted.sector.data
    if kept and not anew:
        right = tuple(same)
        writes = tuple(region for region in wanted.regions if region not in right)
        keeps = ("settings and bonds", "the number of the last run", "runs that were not fetched")
        return Plan(writes, right, (), keeps, (), rescues=False)
    erases = tuple(part for part in wanted.table if part.name in ("nvs", *_DATA))
    rescues = _has_settings(at) and not anew
    return Plan(wanted.regions, (), erases, (), _losses(at, rescues, anew), rescues, anew)


def contradiction(at: Found, wanted: Content) -> str:
    """Return the sentence for a pod that says it is another board, with other pins; empty where it does not."""
    if at.begun or at.board in ("", wanted.board):
        return ""
    return f"The pod says that it is {at.board}, and {wanted.board} has other pins for sensor and motor"


def check_fits(device: str, at: Found, wanted: Content) -> list[str]:
    """Refuse a board that cannot be what it shall be; return what is to be said of one that can.

    Raises
    ------
    BoardError
        It has another chip, or less flash than the board's file says.
    """
    has, needs = at.chipset, wanted.facts
    if has.chip.name != needs.chip:
        raise BoardError(
            device, f"it has {has.chip.called} and {wanted.board} has {needs.chip}", "name its own board with --board"
        )
    if has.flash_mb and has.flash_mb < needs.flash_mb:
        raise BoardError(
            device,
            f"it has {has.flash_mb} MB of flash and {wanted.board} needs {needs.flash_mb} MB",
            "name its own board with --board",
        )
    if has.flash_mb > needs.flash_mb:
        return [f"It has {has.flash_mb} MB of flash; {wanted.board} uses {needs.flash_mb} MB of them."]
    return []


def _has_settings(at: Found | None) -> bool:
    return at is not None and not at.begun and at.kind is Kind.POD and bool(at.board)


def _losses(at: Found | None, rescues: bool, anew: bool) -> tuple[str, ...]:
    if at is not None and at.begun and anew:
        return ("settings and bonds of this pod that are kept on this computer, if there are any",)
    if at is None or at.begun or at.kind is Kind.EMPTY:
        return ()
    if rescues:
        return ("runs on the pod that were not fetched",)
    if at.kind is Kind.POD:
        return ("settings, bonds and runs, if there are any",)
    return (f"{at.program or 'what is in its flash'}, with all its files",)


def _aligned(data: bytes) -> bytes:
    """Fill up to whole words, as esptool would: so what is written is what is compared."""
    return data + b"\xff" * (-len(data) % 4)
