"""A finished pod on the emulated board: what `surefoot flash` leaves behind, put there past it."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from surefoot.flash import build, romfs
from surefoot.usb.repl import Repl
from tests.rig.usb import image
from tests.rig.usb.board import EmulatedBoard

BOARDS = {"esp32": "esp32_devkitc", "esp32c3": "xiao_esp32c3", "esp32s3": "xiao_esp32s3"}
TABLE_AT = 0x8000


@functools.cache
def flash_of(name: str) -> bytes:
    """All of the flash of a pod on the board `name` before its first start: compiled and put together once."""
    facts = build.known(name)
    table = {part.name: part for part in build.table_of(facts)}
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "built"
        build.build(name, built)
        with EmulatedBoard(Path(folder) / "board", facts.chip, facts.flash_mb) as board:
            board.put(image.firmware(facts.chip, flash_mb=facts.flash_mb))
            board.put((built / "partitions.bin").read_bytes(), TABLE_AT)
            board.put(romfs.pack(built / "rom"), table["romfs"].offset)
            board.press_reset()
            with Repl.open(board.url) as repl:
                for file in sorted((built / "files").iterdir()):
                    repl.write_file(file.name, file.read_bytes())
            return board.flash.image()


def put(board: EmulatedBoard) -> None:
    """Put MicroPython and the firmware into the flash of `board`, which has the size of a pod's; a reset starts it."""
    board.put(flash_of(BOARDS[board.chip.name]), 0)


@contextmanager
def pod_at_the_cable(folder: Path, **given: Any) -> Iterator[EmulatedBoard]:
    """Yield a board of which the pod's program has just been started."""
    with EmulatedBoard(folder, "esp32", **given) as board:
        put(board)
        board.press_reset()
        yield board
