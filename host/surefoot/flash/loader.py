"""The chip's boot loader, spoken to by Espressif's esptool.

esptool is under the GPL, so it is called as a program of its own and never imported. What it prints is read here, and
in `complaints` where it fails.
"""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from surefoot.flash import chips
from surefoot.flash.chips import CHIPS, Chip
from surefoot.flash.complaints import complaint
from surefoot.flash.trouble import BoardError, LoaderError
from surefoot.usb.trouble import ProgramMissing

BAUD = 460800
"""Over a bridge: the highest that MicroPython's own instructions give. A port inside the chip does not care."""

SILENCE_S = 240.0
"""esptool says nothing while flash is erased: 14 MB are 216 blocks of 64 kB, each 1 s at the worst (W25Q128JV, 9.6: 2 s
at the very most, 0.15 s as a rule). A process that is silent longer is ended."""

ESPTOOL = (sys.executable, "-m", "esptool")
"""How it is called; it is part of the extra `flash`."""
_NUMBER = r"0x([0-9a-f]+)"
_AT = re.compile(rf"(?:Writing at|Reading from) {_NUMBER}")

Progress = Callable[[int, int], None]
"""Told how many bytes are done, and of how many."""


def _nothing(_done: int, _total: int) -> None:
    return


@dataclass(frozen=True)
class Region:
    """Bytes with a place in flash; `name` is what people call them."""

    name: str
    offset: int
    data: bytes

    @property
    def end(self) -> int:
        """First byte of flash behind it."""
        return self.offset + len(self.data)


@dataclass(frozen=True)
class Chipset:
    """What a chip tells of itself.

    Attributes
    ----------
    description : str
        Kind and revision, as "ESP32-C3 (QFN32) (revision v0.4)".
    features : str
        As esptool lists them; PSRAM among them where the chip tells.
    mac : str
        Its own number, as "aa:bb:cc:dd:ee:ff".
    flash_mb : int
        Size of the flash, 0 where it does not tell.
    """

    chip: Chip
    description: str
    features: str
    mac: str
    flash_mb: int


class Loader:
    """The boot loader of the chip at one port. Each call is a program of its own and leaves the chip in its loader.

    Every method raises `NoLoader` if the chip does not enter it, `LoaderLost` if it stops answering, `LoaderError` for
    what esptool says else, and `CableError` if the port does not open or esptool is missing.
    """

    def __init__(self, device: str, esptool: Sequence[str] | None = None, silence_s: float = SILENCE_S) -> None:
        self.device = device
        self._esptool = tuple(esptool or ESPTOOL)
        self._silence_s = silence_s

    def chipset(self) -> Chipset:
        """Ask which chip it is.

        Raises
        ------
        BoardError
            No pod has such a chip.
        """
        said = self._call("flash-id", stub=False)
        called = _told(said, r"Connected to (\S+) on ")
        description = _told(said, r"Chip type:\s*(.+)") or called
        chip = next((chip for chip in CHIPS.values() if chip.called == called), None)
        if chip is None:
            raise BoardError(
                self.device,
                f"the chip is {description or 'of a kind that esptool does not name'}, which no pod has",
                "name another port with --port",
            )
        size = re.search(r"Detected flash size: (\d+)MB", said)
        return Chipset(
            chip,
            description,
            _told(said, r"Features:\s*(.+)"),
            _told(said, r"MAC:\s*([0-9a-f:]+)"),
            int(size[1]) if size else 0,
        )

    def locks(self, chip: Chip) -> tuple[str, ...]:
        """Return what of flash encryption and secure boot is on."""
        with _folder() as folder:
            file = Path(folder) / "fuses"
            self._call("dump-mem", f"{chip.fuses_at:#x}", f"{chip.fuses_size:#x}", str(file), stub=False)
            return chips.locks(chip, file.read_bytes())

    def read(self, offset: int, size: int, on_progress: Progress = _nothing) -> bytes:
        """Return `size` bytes of flash from `offset` on; esptool compares their MD5 with the chip's."""
        with _folder() as folder:
            file = Path(folder) / "flash"
            self._call(
                "read-flash", f"{offset:#x}", f"{size:#x}", str(file), on_at=lambda at: on_progress(at - offset, size)
            )
            data = file.read_bytes()
        if len(data) != size:
            raise LoaderError(self.device, "", f"{len(data):,} of {size:,} bytes of flash came", "try again")
        return data

    def same(self, regions: Sequence[Region]) -> tuple[Region, ...]:
        """Return which of `regions` flash holds already, by the MD5 that the chip computes."""
        with _folder() as folder:
            said = self._call("verify-flash", *_files(folder, regions), allow="Verification failed")
        parts = re.split(rf"Verifying .* at {_NUMBER} in flash", said)
        right = {int(at, 16) for at, text in zip(parts[1::2], parts[2::2], strict=True) if "successful" in text}
        return tuple(region for region in regions if region.offset in right)

    def write(self, regions: Sequence[Region], on_progress: Progress = _nothing) -> None:
        """Write `regions` in the order of their places; the chip's MD5 of each is compared by esptool."""
        total = sum(len(region.data) for region in regions)

        def at(place: int) -> None:
            on_progress(sum(min(max(place - region.offset, 0), len(region.data)) for region in regions), total)

        with _folder() as folder:
            keep = ("--flash-mode", "keep", "--flash-freq", "keep", "--flash-size", "keep")
            self._call("write-flash", *keep, *_files(folder, regions), on_at=at)

    def erase(self, offset: int, size: int) -> None:
        """Erase whole sectors of flash."""
        self._call("erase-region", f"{offset:#x}", f"{size:#x}")

    def start(self) -> None:
        """Reset the chip, so that it starts from its flash."""
        self._call("chip-id", after="hard-reset")

    def _call(
        self,
        *arguments: str,
        after: str = "no-reset",
        stub: bool = True,
        allow: str = "",
        on_at: Callable[[int], None] = lambda at: None,
    ) -> str:
        """Run esptool and return what it printed; an error is raised unless it says `allow`.

        Without `stub` esptool asks the chip's ROM and puts no program of its own into the chip's memory.
        """
        if self._esptool[-1] == "esptool" and importlib.util.find_spec("esptool") is None:
            raise ProgramMissing("esptool")
        speed = ("--baud", str(BAUD)) if stub else ("--no-stub",)
        command = [*self._esptool, "--port", self.device, *speed, "--after", after, *arguments]
        with _folder() as folder:
            # not in the user's folder: esptool reads an esptool.cfg there
            code, said = _run(command, folder, self._silence_s, on_at)
        if code and not (allow and allow in said):
            raise complaint(self.device, said)
        return said


def _told(said: str, pattern: str) -> str:
    found = re.search(pattern, said)
    return found[1].strip() if found else ""


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="surefoot-flash-")


def _files(folder: str, regions: Sequence[Region]) -> list[str]:
    """Write `regions` into files, and return them as esptool takes them."""
    arguments = []
    for region in sorted(regions, key=lambda region: region.offset):
        file = Path(folder) / f"{region.offset:x}.bin"
        file.write_bytes(region.data)
        arguments += [f"{region.offset:#x}", str(file)]
    return arguments


def _run(command: list[str], folder: str, silence_s: float, on_at: Callable[[int], None]) -> tuple[int, str]:
    """Run a program to its end, telling the places in flash that it prints; one that falls silent is ended."""
    # what the user has set for esptool by hand (ESPTOOL_CHIP, ESPTOOL_CFGFILE, ...) would change what is asked for here
    own = {name: value for name, value in os.environ.items() if not name.startswith("ESPTOOL_")}
    plain = {"COLUMNS": "250", "NO_COLOR": "1", "TERM": "dumb", "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**own, **plain},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is ours to handle: it ends esptool, too
    )
    assert process.stdout is not None
    said = bytearray()
    timer: threading.Timer | None = None
    try:
        while True:
            timer = threading.Timer(silence_s, process.kill)
            timer.daemon = True
            timer.start()
            piece = os.read(process.stdout.fileno(), 1 << 16)
            timer.cancel()
            if not piece:
                break
            told = _AT.findall((said[-80:] + piece).decode("utf-8", "replace"))
            said += piece
            if told:
                on_at(int(told[-1], 16))
        return process.wait(), said.decode("utf-8", "replace")
    finally:
        if timer is not None:
            timer.cancel()
        if process.poll() is None:
            with suppress(OSError):
                process.send_signal(signal.SIGTERM)
            process.wait()
        process.stdout.close()
