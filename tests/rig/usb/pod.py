"""A finished pod on the emulated board: what `surefoot flash` leaves behind, put there past it."""

from __future__ import annotations

from pathlib import Path

from surefoot.flash import build, romfs
from surefoot.usb.repl import Repl
from tests.rig.usb import image
from tests.rig.usb.board import EmulatedBoard

BOARDS = {"esp32": "esp32_devkitc", "esp32c3": "xiao_esp32c3", "esp32s3": "xiao_esp32s3"}


def put(board: EmulatedBoard, folder: Path, name: str | None = None) -> None:
    """Put MicroPython and the firmware for `name` with its boot.py and main.py onto `board`, which ends at its prompt.

    `folder` is where the firmware is built; it is made. A reset starts the pod.
    """
    name = name or BOARDS[board.chip.name]
    build.build(name, folder)
    partitions = image.table((folder / "partitions.bin").read_bytes())
    assert partitions
    board.put(image.firmware(board.chip.name, flash_mb=build.known(name).flash_mb))
    board.put((folder / "partitions.bin").read_bytes(), 0x8000)
    (at,) = (offset for label, _, _, offset, _ in partitions if label == "romfs")
    board.put(romfs.pack(folder / "rom"), at)
    board.press_reset()
    with Repl.open(board.url) as repl:
        for file in build.STARTED_BY_NAME:
            repl.write_file(file, (folder / "files" / file).read_bytes())
