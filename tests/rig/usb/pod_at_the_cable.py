"""An emulated board with the pod's firmware in its flash, as `surefoot flash` leaves it, running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from surefoot.flash import build, romfs
from surefoot.usb.repl import Repl
from tests.rig.usb import image
from tests.rig.usb.board import EmulatedBoard

NAME = "esp32_devkitc"
TABLE_AT = 0x8000


@contextmanager
def pod_at_the_cable(folder: Path, **given: Any) -> Iterator[EmulatedBoard]:
    """Yield a board of which the pod's program has just been started."""
    built = folder / "built"
    build.build(NAME, built)
    table = {part.name: part for part in build.table_of(build.known(NAME))}
    with EmulatedBoard(folder / "board", "esp32", **given) as board:
        board.put(image.firmware("esp32"))
        board.put((built / "partitions.bin").read_bytes(), TABLE_AT)
        board.put(romfs.pack(built / "rom"), table["romfs"].offset)
        board.press_reset()
        with Repl.open(board.url) as repl:
            for path in sorted((built / "files").iterdir()):
                repl.write_file(path.name, path.read_bytes())
        board.press_reset()
        yield board
