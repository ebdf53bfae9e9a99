"""What lies in the flash of a board before anything is changed."""

from __future__ import annotations

import enum
import hashlib
import json
from dataclasses import dataclass

from surefoot.flash import image, partitions, romfs
from surefoot.flash.build import ABOUT
from surefoot.flash.image import Program
from surefoot.flash.loader import Chipset, Loader, Progress, Region
from surefoot.flash.partitions import TABLE_OFFSET, Partition, PartitionError
from surefoot.flash.trouble import BoardError
from surefoot.words import printable

SECTOR = 0x1000
"""Flash is erased in pieces of this many bytes."""

BEGUN = b"surefoot: not finished  "
"""Stands where the firmware will be, from before anything is emptied until the firmware, which is written last, takes
its place. A board on which that was broken off is known by it: all is emptied again, and nothing is asked twice.
Behind it stands what was given up then (`mark_of`): what somebody put onto the board since is asked about again."""

FIRMWARE_AT = 0x220000
"""Where every partition table of pods has the firmware."""

_APP = 0x10000
_HEAD = _APP + image.HEAD_SIZE
_ABOUT_WITHIN = 0x200
"""`ABOUT` is the first file of the firmware, and short."""

_A_POD, _NO_POD = b"pod ", b"else"
_DIGEST = 16
_TOLD = tuple((len(BEGUN) + at, size) for at, size in ((0, 4), (4, _DIGEST), (4 + _DIGEST, _DIGEST)))
"""Behind `BEGUN`: whose the board was, and the digests of its table and of the head of its program."""


class Kind(enum.Enum):
    """Whose board it is."""

    EMPTY = "empty"
    POD = "a Surefoot pod"
    MICROPYTHON = "MicroPython"
    OTHER = "another program"


@dataclass(frozen=True)
class Found:
    """A board as it was found.

    Attributes
    ----------
    kind : Kind
        Whose it is.
    table : bytes
        The sector of the partition table.
    program : Program or None
        What would start, as it calls itself.
    board, version : str
        Of the pod's firmware, empty where there is none: name of the board's file, version.
    app : bytes
        The first bytes of that program, or what lies in its place.
    begun : bool
        Flashing it was broken off before all was erased that had to be.
    """

    chipset: Chipset
    kind: Kind
    table: bytes
    program: Program | None = None
    board: str = ""
    version: str = ""
    app: bytes = b""
    begun: bool = False

    @property
    def sentences(self) -> tuple[str, str]:
        """Two lines: the chip, and what is in its flash."""
        chip = self.chipset
        size = f"{chip.flash_mb} MB of flash" if chip.flash_mb else "flash of unknown size"
        return f"{chip.description}, {size}, MAC {chip.mac}.", f"In its flash: {self.content}."

    @property
    def content(self) -> str:
        """What is in its flash, in words."""
        running = str(self.program) if self.program else "no program"
        if self.begun:
            return "a Surefoot pod whose flashing was broken off"
        if self.kind is Kind.EMPTY:
            return "nothing"
        if self.kind is Kind.POD:
            firmware = f"firmware {self.version} for {self.board}" if self.board else "without firmware"
            return f"a Surefoot pod, {firmware}, {running}"
        if self.kind is Kind.MICROPYTHON:
            return f"{running}, with the partitions of another project"
        return f"another program: {running}" if self.program else "something that is not known"


def look(loader: Loader, ours: frozenset[bytes], on_progress: Progress) -> Found:
    """Ask the chip what it is and look into its flash; `ours` are the partition tables of pods, as sectors.

    Raises
    ------
    BoardError
        No pod has such a chip, or it is locked by secure boot or flash encryption.
    """
    chipset = loader.chipset()
    locks = loader.locks(chipset.chip)
    if locks:
        raise BoardError(
            loader.device,
            f"{' and '.join(locks)} is on: it starts nothing but its maker's program",
            "use another board",
        )
    head = loader.read(0, _HEAD, on_progress)
    app = head[_APP:]
    sector = head[TABLE_OFFSET : TABLE_OFFSET + SECTOR]
    firmware = b"" if 0 < chipset.flash_mb << 20 <= FIRMWARE_AT else loader.read(FIRMWARE_AT, _ABOUT_WITHIN)
    program = image.program_in(app)
    boot = head[chipset.chip.bootloader_offset :][: TABLE_OFFSET - chipset.chip.bootloader_offset]
    if _broken_off(firmware, sector, app, ours):
        return Found(chipset, Kind.POD, sector, program, app=app, begun=True)
    try:
        table = partitions.decode(sector)
    except PartitionError:
        empty = not boot.strip(b"\xff") and program is None
        return Found(chipset, Kind.EMPTY if empty else Kind.OTHER, sector, program, app=app)
    board, version = _about(loader, table, firmware)
    if (board or sector in ours) and (program is None or program.is_micropython):
        return Found(chipset, Kind.POD, sector, program, board, version, app)
    kind = Kind.MICROPYTHON if program and program.is_micropython else Kind.OTHER
    return Found(chipset, kind, sector, program, app=app)


def table_sector(table: list[Partition]) -> Region:
    """Return the whole sector of a partition table."""
    return Region("the partition table", TABLE_OFFSET, partitions.encode(table).ljust(SECTOR, b"\xff"))


def mark_of(at: Found) -> Region:
    """Return the mark that stands on a board while it is flashed, and tells what was on it before."""
    whose = _A_POD if at.kind is Kind.POD else _NO_POD
    told = BEGUN + whose + _digest(at.table) + _digest(at.app)
    return Region("a mark that flashing has begun", FIRMWARE_AT, told)


def _broken_off(firmware: bytes, sector: bytes, app: bytes, ours: frozenset[bytes]) -> bool:
    """Whether flashing was broken off and nothing was put onto the board since.

    What is written after the mark is written in the order of its places: boot loader, table, program.
    """
    if not firmware.startswith(BEGUN):
        return False
    whose, table_before, app_before = (firmware[at : at + size] for at, size in _TOLD)
    app_unchanged = _digest(app) == app_before
    if sector in ours:
        program = image.program_in(app)
        return app_unchanged or program is None or program.is_micropython
    if _digest(sector) == table_before:
        # a pod's settings may be on this computer already; for any other program it is no pain to ask once more
        return app_unchanged and whose == _A_POD
    try:
        partitions.decode(sector)
    except PartitionError:
        return app_unchanged
    return False


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:_DIGEST]


def _about(loader: Loader, table: list[Partition], firmware: bytes) -> tuple[str, str]:
    """Board and version of the firmware in the partition `romfs`, empty if it is not ours."""
    place = next((part for part in table if part.name == "romfs"), None)
    if place is None:
        return "", ""
    try:
        if place.offset != FIRMWARE_AT:
            firmware = loader.read(place.offset, _ABOUT_WITHIN)
        told = json.loads(romfs.files(firmware)[ABOUT])
        if told["firmware"] != "surefoot":
            return "", ""
        return printable(str(told["board"])), printable(str(told["version"]))
    except (KeyError, TypeError, ValueError):
        return "", ""
