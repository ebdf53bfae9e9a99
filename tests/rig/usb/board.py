"""An ESP32 board at a cable that does not exist: an emulated chip behind an emulated serial port.

    with EmulatedBoard(tmp_path, "esp32") as board:
        board.put(image.firmware("esp32"))     # or esptool --port board.url write-flash ...
        board.press_reset()
        Repl.open(board.url)

What it is not: it has no speed (a line of 115200 baud takes no time), no radio, no analogue side; the boot ROM's words
are from memory; the interpreter is MicroPython's Unix port, so `sys.platform` is "linux" and there is no `os.uname`.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.rig.usb import image
from tests.rig.usb.chips import Chip
from tests.rig.usb.flash import Flash
from tests.rig.usb.interpreter import Interpreter
from tests.rig.usb.line import Line
from tests.rig.usb.rom_loader import Loader

POWER_ON, HARD_RESET, DEEP_SLEEP, SOFT_RESET = 1, 2, 4, 5
"""MicroPython's causes of a reset on an ESP32; the reset pin is told as a power-on."""

SETTLE_S = 1.0
"""The capacitor at EN holds the chip in reset while a host changes DTR and RTS one after the other. Over a network a
change takes 50 ms and more, so this one has to be larger than a real one."""

RESTART_S = 0.05
"""A chip without a program restarts by its watchdog, over and over; a real one more slowly."""

LYING = (0, 0, 2048, 0, 0, 0)
"""Raw values at rest, face up, at +-16 g."""

NOISE = (3, 3, 4, 2, 2, 2)
"""By how much they go up and down: a swing of the size of the sensor's noise."""


STARTS_WITHIN_S = 60.0
"""For a computer that has a lot else to do; it takes a second."""


class EmulatedBoard:
    """A board with `flash_mb` of flash; `folder` holds its flash and what its other parts keep.

    Attributes
    ----------
    hold_boot : bool
        Somebody holds BOOT down: every reset ends in the boot loader.
    no_auto_reset : bool
        The lines do not reach the chip: "hold BOOT while you plug it in".
    battery : bool
        It goes on running when the cable is pulled.
    """

    def __init__(
        self,
        folder: Path,
        chip: str = "esp32",
        flash_mb: int = 4,
        *,
        usb_jtag: bool = False,
        sensor: dict[str, Any] | None = None,
        has_sensor: bool = True,
        microvolts: int = 2_000_000,
        told_flash_mb: int | None = None,
        secure_boot: bool = False,
        flash_encryption: bool = False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.chip = Chip(chip, told_flash_mb or flash_mb, secure_boot=secure_boot, flash_encryption=flash_encryption)
        self.flash = Flash(folder / "flash.bin", flash_mb << 20)
        self.usb_jtag = usb_jtag
        self.hold_boot = self.no_auto_reset = self.battery = False
        self.microvolts = microvolts
        self._sensor = (sensor or {}) if has_sensor else None
        self._lock = threading.RLock()
        self._interpreter: Interpreter | None = None
        self._loader: Loader | None = None
        self._timer: threading.Timer | None = None
        self._cause = POWER_ON
        self._in_reset = self._boot_flag = False
        self._powered = False
        self.resets = 0
        self.line = Line(self._received, self._lines_changed, self.unplug)
        self.feel(LYING, NOISE)

    @property
    def url(self) -> str:
        """What pyserial, esptool and mpremote open."""
        return self.line.url

    @property
    def state(self) -> str:
        """ "off", "boot loader", "micropython", or "no program"."""
        if not self._powered:
            return "off"
        if self._loader:
            return "boot loader"
        return "micropython" if self._interpreter else "no program"

    def __enter__(self) -> Self:
        self.plug_in()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.battery = False
        self.unplug()
        self.flash.close()

    def plug_in(self, same_name: bool = True) -> None:
        """Cable in: the port is there, under its old name or a new one, and the chip starts if it had no power."""
        self.line.open(self.line.port if same_name else 0)
        if not self._powered:
            (self.folder / "rtc").write_bytes(b"\0" * 2049)
            self._powered = True
            self._cause = POWER_ON
            self.reset()

    def unplug(self) -> None:
        """Cable out: the port is gone, and so is the power where there is no battery."""
        self.line.close()
        if not self.battery:
            self._powered = False
            self._stop()

    def wait_until_it_advertises(self) -> None:
        """Until the pod's program has started and can be found over the air, which includes all that its start does.

        Raises
        ------
        TimeoutError
            It does not come so far.
        """
        interpreter = self._interpreter
        if not (interpreter and interpreter.advertises.wait(STARTS_WITHIN_S)):
            raise TimeoutError(f"the pod does not start; it is {self.state}")

    def press_reset(self) -> None:
        """The button at EN."""
        self._cause = POWER_ON
        self.reset()

    def put(self, content: bytes, offset: int | None = None) -> None:
        """Into the flash past all loaders; at the boot loader's offset if none is given."""
        at = image.BOOTLOADER_AT[self.chip.name] if offset is None else offset
        self.flash.erase(at, len(content))
        self.flash.program(at, content)

    def feel(self, values: tuple[int, ...], swing: tuple[int, ...] = (0,) * 6) -> None:
        """From now on the sensor reads these six raw values, at +-16 g and +-2000 deg/s, up and down by `swing`."""
        (self.folder / "sensor").write_bytes(struct.pack(">12h", *values, *swing))

    def reset(self, to_loader: bool = False) -> None:
        """Out of reset: into the boot loader where BOOT is down or it is asked for, else whatever lies in the flash."""
        self._stop()
        self._boot(to_loader)

    def _boot(self, to_loader: bool = False) -> None:
        with self._lock:
            if not self._powered:
                return
            self.resets += 1
            if self.hold_boot or to_loader:
                self._loader = Loader(self.chip, self.flash, self.line.send, self._leave_loader)
                self.line.send(
                    _boot_log("0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))") + b"waiting for download\r\n"
                )
                return
            self.line.send(_boot_log("0x13 (SPI_FAST_FLASH_BOOT)"))
            self._start()

    def _start(self, main: bool = True, ahead: bytes = b"") -> None:
        """Do what boot loader and program in the flash do."""
        parts = self._bootable()
        if isinstance(parts, bytes):
            self.line.send(parts)
            self._again(self._boot)
            return
        project, _version = image.description(self.flash.read(self._app_at(parts), 0x200)) or ("", "")
        if project != "micropython":
            self._chatter(project)
            return
        given = {
            "parts": parts,
            "cause": self._cause,
            "main": main,
            "serial": self.chip.mac.hex(),
            "sensor": self._sensor,
            "microvolts": self.microvolts,
            "stuck": [[at, bits] for at, bits in self.flash.stuck.items()],
        }
        self._interpreter = Interpreter(self.flash.path, self.folder, given, self.line.send, self._ended)
        if ahead:
            self._interpreter.type_ahead(ahead)

    def _chatter(self, project: str) -> None:
        """Somebody else's program: it has its log, and no ear."""
        self.line.send(f"I (312) {project or 'app'}: still here\r\n".encode())
        self._again(lambda: self._chatter(project))

    def _bootable(self) -> list[tuple[str, int, int, int, int]] | bytes:
        """The partitions, or what the boot ROM or the boot loader complains of."""
        loader = self.flash.read(image.BOOTLOADER_AT[self.chip.name], 0x7000)
        if image.length(loader) is None or image.chip_of(loader) != image.CHIP_IDS[self.chip.name]:
            return f"invalid header: 0x{struct.unpack('<I', loader[:4])[0]:08x}\r\n".encode() * 3
        parts = image.table(self.flash.read(0x8000, 0xC00))
        if parts is None or any(offset + size > self.flash.size for *_, offset, size in parts):
            return b"E (50) boot: Failed to verify partition table\r\nE (55) boot: load partition table error!\r\n"
        at = self._app_at(parts)
        if at < 0 or image.length(self.flash.read(at, 0x200000)) is None:
            return b"E (60) boot: No bootable app partitions in the partition table\r\n"
        return parts

    def _app_at(self, parts: list[tuple[str, int, int, int, int]]) -> int:
        return next((offset for _, kind, _, offset, _ in parts if kind == 0), -1)

    def _ended(self, how: str) -> None:
        """The interpreter has ended by itself."""
        if how == "asleep":
            self._later(0, self._fall_asleep)
        elif how == "reset":
            self._cause = HARD_RESET
            self._later(0, self.reset)
        elif how != "failed":
            self._later(0, lambda: self._soft_reset(how.endswith("raw")))

    def _fall_asleep(self) -> None:
        self._cause = DEEP_SLEEP
        self._stop()

    def _soft_reset(self, raw: bool) -> None:
        """Ctrl-D: boot.py runs; main.py too, unless the raw REPL was open, which then opens again."""
        self._stop()
        with self._lock:
            if self._powered:
                self.line.send(b"MPY: soft reboot\r\n")
                self._cause = SOFT_RESET
                self._start(main=not raw, ahead=b"\x01" if raw else b"")

    def _leave_loader(self) -> None:
        self._cause = POWER_ON
        self._later(0, self.reset)

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        """On a thread of its own: whoever asks is often what will be stopped."""
        with self._lock:
            self._timer = threading.Timer(seconds, do)
            self._timer.daemon = True
            self._timer.start()

    def _again(self, do: Callable[[], None]) -> None:
        """In a while, unless the chip is stopped before, even if only just before."""

        def due() -> None:
            with self._lock:
                if self._timer is threading.current_thread():
                    do()

        self._later(RESTART_S, due)

    def _stop(self) -> None:
        with self._lock:
            interpreter, self._interpreter, self._loader = self._interpreter, None, None
            timer, self._timer = self._timer, None
            if timer and timer is not threading.current_thread():
                timer.cancel()
        if interpreter:
            interpreter.kill()

    def _received(self, data: bytes) -> None:
        with self._lock:
            loader, interpreter = self._loader, self._interpreter
        if loader:
            loader.received(data)
        elif interpreter:
            interpreter.write(data)

    def _lines_changed(self, dtr: bool, rts: bool) -> None:
        """Of a bridge: two transistors make of RTS alone EN low, of DTR alone BOOT low. Or the port inside the chip."""
        if self.no_auto_reset or not self._powered:
            return
        if self.usb_jtag:
            self._usb_lines(dtr, rts)
            return
        if rts and not dtr:
            self._in_reset = True
            self._stop()
        elif self._in_reset:
            self._boot_flag = dtr and not rts
            with self._lock:
                if self._timer:
                    self._timer.cancel()
            if dtr and rts:
                self._later(SETTLE_S, self._release)
            else:
                self._release()

    def _usb_lines(self, dtr: bool, rts: bool) -> None:
        """ESP32-C3 and S3, technical reference, USB Serial/JTAG: 00 clears the flag, 10 sets it, 01 resets."""
        if not rts:
            self._boot_flag = dtr
            self._in_reset = False
        elif not dtr and not self._in_reset:
            self._in_reset = True
            self._cause = POWER_ON
            self.reset(self._boot_flag)
            self._boot_flag = False

    def _release(self) -> None:
        if self._in_reset:
            self._in_reset = False
            self._cause = POWER_ON
            self.reset(self._boot_flag)


def _boot_log(mode: str) -> bytes:
    return f"ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:{mode}\r\n".encode()
