"""What the firmware takes: flash for the code, memory once it is loaded. The table of docs/firmware.md."""

from __future__ import annotations

import tempfile
from pathlib import Path

from surefoot.flash.build import FIRMWARE, STARTED_BY_NAME, boards, compile_module, modules
from tests.rig.interpreter import run_32bit

ARCHITECTURES = {"xtensawin": "ESP32, ESP32-S3", "rv32imc": "ESP32-C3"}


def sources() -> list[Path]:
    """Every file that goes onto some board, relative to `firmware/`."""
    files = [Path(name) for name in STARTED_BY_NAME] + [board.file.relative_to(FIRMWARE) for board in boards().values()]
    return sorted(files + modules())


def sizes(out: Path) -> dict[str, dict[str, int]]:
    """Bytes of each module once compiled into `out`, per architecture, keyed by its path in `firmware/`."""
    table: dict[str, dict[str, int]] = {}
    for source in sources():
        table[str(source)] = {}
        for architecture in ARCHITECTURES:
            target = out / architecture / source.with_suffix(".mpy")
            compile_module(FIRMWARE / source, str(source), architecture, target)
            table[str(source)][architecture] = target.stat().st_size
    return table


def memory(folder: Path) -> dict[str, int]:
    """Bytes that each compiled module in `folder` takes once loaded, and `parts`, on a 32-bit MicroPython."""
    rows = run_32bit("memory_of_modules.py", folder, heap_kb=4000)
    return {row["module"].replace(".", "/"): row["bytes"] for row in rows}


def main() -> None:
    """Print the table that docs/firmware.md holds."""
    with tempfile.TemporaryDirectory() as folder:
        table = sizes(Path(folder))
        taken = memory(Path(folder) / "xtensawin")
    print("| module | lines | compiled, bytes |\n|---|---|---|")
    for module, size in table.items():
        print(f"| `{module}` | {len((FIRMWARE / module).read_text().splitlines())} | {size['xtensawin']:,} |")
    compiled = sum(size["xtensawin"] for module, size in table.items() if not module.startswith("boards/"))
    print(f"| all but the boards | | {compiled:,} |")
    print(f"\nIn memory: modules {sum(taken.values()) - taken['parts']:,}, parts {taken['parts']:,} bytes")


if __name__ == "__main__":
    main()
