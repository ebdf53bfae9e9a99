"""A board to flash that is nothing but bytes: its boot loader and its prompt as calls, and a cable that can be pulled.

For tests that pull the cable everywhere. What the real esptool and a real MicroPython make of the same steps is shown
with tests/rig/usb.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence

from surefoot.errors import SurefootError
from surefoot.flash.bench import Bench, Done, Show
from surefoot.flash.chips import CHIPS
from surefoot.flash.install import holds, install, survey
from surefoot.flash.loader import Chipset, Region
from surefoot.flash.plan import Content, plan
from surefoot.flash.trouble import LoaderLost
from surefoot.usb.ports import Port
from surefoot.usb.trouble import CableLost, NoAnswer, NoPrompt
from tests.rig.usb import image

SECTOR = 0x1000
BLOCK = 0x10000
DEVICE = "/dev/ttyTEST"
ERASED = b"\xff"


class Killed(BaseException):
    """The program that flashes is no more."""


class BytesBoard:
    """Flash, and what can be done to it. `pull_at` counts down with each piece of work; at 0 `pulled` is raised.

    Attributes
    ----------
    flash : bytearray
        All of it.
    stuck : dict of int to int
        Bits of a byte of flash that stay 0.
    answer : str
        What the firmware says that it is.
    start : str
        What the pod says of its start.
    resets : int
        How often it was told to start; `in_loader` is whether it waits in its boot loader for that.
    """

    def __init__(self, chip: str, flash_mb: int, mac: str = "24:0a:c4:12:5f:6e") -> None:
        self.chip = CHIPS[chip]
        self.flash = bytearray(ERASED * (flash_mb << 20))
        self.mac = mac
        self.answer = ""
        self.start = "1\n\n\n"
        self.in_loader = False
        self.resets = 0
        self.stuck: dict[int, int] = {}
        self.locked: tuple[str, ...] = ()
        self.pull_at = -1
        self.kill = False
        self.work = 0

    def tick(self, lost: Callable[[], SurefootError]) -> None:
        self.work += 1
        if self.pull_at >= 0 and self.work > self.pull_at:
            self.pull_at = -1
            if self.kill:
                raise Killed
            self.in_loader = False  # power comes back with the cable
            raise lost()

    def put(self, at: int, data: bytes) -> None:
        self.flash[at : at + len(data)] = data

    def place(self, name: str) -> slice:
        """Where a partition of the table in flash is."""
        parts = image.table(bytes(self.flash[0x8000:0x8C00])) or []
        at, size = next((offset, size) for told, _, _, offset, size in parts if told == name)
        return slice(at, at + size)

    @property
    def starts(self) -> bool:
        """Whether its boot loaders would start a program: images whole, table right and within what is told."""
        boot = bytes(self.flash[self.chip.bootloader_offset : 0x8000])
        parts = image.table(bytes(self.flash[0x8000:0x8C00]))
        if image.length(boot) is None or image.chip_of(boot) != self.chip.image_id or parts is None:
            return False
        told = 1 << 20 << (boot[3] >> 4)
        if any(offset + size > told for *_, offset, size in parts):
            return False
        app = next((offset for _, kind, _, offset, _ in parts if kind == 0), 0)
        return image.length(bytes(self.flash[app : app + 0x210000])) is not None

    @property
    def files(self) -> dict[str, bytes]:
        """What is in its file system, which is formatted where the partition is empty, as MicroPython does."""
        raw = bytes(self.flash[self.place("vfs")]).rstrip(ERASED)
        if not raw:
            return {}
        try:
            return {name: base64.b64decode(text) for name, text in json.loads(raw).items()}
        except ValueError:
            raise NoPrompt(DEVICE, "corrupted", "the file system is corrupted", "erase it") from None

    @files.setter
    def files(self, files: dict[str, bytes]) -> None:
        where = self.place("vfs")
        raw = json.dumps({name: base64.b64encode(data).decode() for name, data in files.items()}).encode()
        self.flash[where] = raw.ljust(where.stop - where.start, ERASED)


class BytesLoader:
    """Stands for `surefoot.flash.loader.Loader`."""

    def __init__(self, board: BytesBoard) -> None:
        self.device = DEVICE
        self._board = board

    def _lost(self) -> SurefootError:
        return LoaderLost(DEVICE, "", "the chip stopped answering", "plug it in again")

    def chipset(self) -> Chipset:
        board = self._board
        board.in_loader = True
        return Chipset(board.chip, f"{board.chip.called} (revision v1.0)", "", board.mac, len(board.flash) >> 20)

    def locks(self, chip: object) -> tuple[str, ...]:
        return self._board.locked

    def read(self, offset: int, size: int, on_progress: object = None) -> bytes:
        self._board.tick(self._lost)
        return bytes(self._board.flash[offset : offset + size])

    def same(self, regions: Sequence[Region]) -> tuple[Region, ...]:
        self._board.tick(self._lost)
        return tuple(one for one in regions if self._board.flash[one.offset : one.end] == one.data)

    def write(self, regions: Sequence[Region], on_progress: object = None) -> None:
        for region in sorted(regions, key=lambda one: one.offset):
            assert region.offset % SECTOR == 0
            for at in range(0, len(region.data), SECTOR):
                place, piece = region.offset + at, region.data[at : at + SECTOR]
                self._board.put(place, ERASED * SECTOR)
                self._board.tick(self._lost)
                self._board.put(place, piece[: len(piece) // 2])
                self._board.tick(self._lost)
                self._board.put(place, piece)
        for at, bits in self._board.stuck.items():
            self._board.flash[at] &= ~bits & 0xFF

    def erase(self, offset: int, size: int) -> None:
        for at in range(offset, offset + size, BLOCK):
            self._board.put(at, ERASED * min(BLOCK, offset + size - at))
            self._board.tick(self._lost)

    def start(self) -> None:
        self._board.tick(self._lost)
        self._board.in_loader = False
        self._board.resets += 1


class BytesRepl:
    """Stands for `surefoot.usb.repl.Repl`."""

    def __init__(self, board: BytesBoard) -> None:
        if board.in_loader:
            raise NoAnswer(DEVICE, 1.0, "the board did not answer within 1 s", "press its reset button")
        assert board.starts, "nothing starts, and it was tried"
        self._board = board
        self._tick()
        board.files = board.files

    def _tick(self) -> None:
        self._board.tick(lambda: CableLost(DEVICE, "the port went away", "plug it in again"))

    def __enter__(self) -> BytesRepl:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def run(self, code: str, timeout_s: float = 0) -> str:
        self._tick()
        if "unique_id" in code:
            return self._board.mac.replace(":", "") + "\n"
        return self._board.answer if "import board" in code else self._board.start

    def exists(self, name: str) -> bool:
        return name in self._board.files

    def hash(self, name: str) -> str | None:
        self._tick()
        data = self._board.files.get(name)
        return None if data is None else hashlib.sha256(data).hexdigest()

    def read_file(self, name: str) -> bytes:
        self._tick()
        return self._board.files[name]

    def write_file(self, name: str, data: bytes) -> None:
        self._tick()
        self._board.files = {**self._board.files, name: data}
        self._tick()

    def reset(self) -> None:
        self._tick()
        self._board.resets += 1


SILENT = Show(lambda what: None, lambda done, total: None, lambda sentence: None)


def bench(board: BytesBoard) -> Bench:
    """What an installation works with."""
    return Bench(
        loader=lambda device: BytesLoader(board),  # type: ignore[arg-type, return-value]
        repl=lambda device: BytesRepl(board),  # type: ignore[arg-type, return-value]
        wait_for=lambda port, seconds: port,
        sleep=lambda seconds: None,
    )


def flash_once(
    board: BytesBoard,
    wanted: Content,
    ours: frozenset[bytes],
    state: object,
    *,
    anew: bool = False,
    show: Show = SILENT,
    on: Bench | None = None,
) -> Done:
    """One call of the command, everything agreed to; `on` is what it is installed with after the first look."""
    done = Done()
    loader = BytesLoader(board)
    board.answer = f"{wanted.facts.name} {wanted.version}\n"
    at, _ = survey(loader, None, ours, SILENT)  # type: ignore[arg-type]
    todo = plan(at, wanted, holds(loader, at, wanted, SILENT), anew=anew)  # type: ignore[arg-type]
    install(Port(DEVICE), at, todo, wanted, ours, state, done, show, on or bench(board))  # type: ignore[arg-type]
    return done
