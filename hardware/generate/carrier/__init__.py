"""The carrier board: placed and routed here, made and checked by KiCad, read back and drawn from what the fab gets."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from hardware.generate.carrier import lists, picture, saved
from hardware.generate.carrier.layout import FACES, Layout
from hardware.generate.carrier.place import board_nets, placed_parts
from hardware.generate.carrier.route import route
from hardware.generate.carrier.rules import RULES
from hardware.generate.compare import PIXEL_TOLERANCE, pixels_differ
from hardware.generate.design import Design, DesignError

__all__ = ["ROOM", "differs", "make", "make_board"]

ROOM = ("carrier",)

KICAD_PYTHON = "/usr/bin/python3"
"""KiCad's module pcbnew is built for the system's Python only (Debian: kicad)."""

KICAD_TIMEOUT_S = 120
"""The board takes some seconds; KiCad can hang for ever."""

PICTURES = {"F": "carrier-front.png", "B": "carrier-back.png"}


def make(design: Design, out: Path) -> None:
    """Write the board, what the fab needs and the pictures to ``out/carrier``.

    Raises
    ------
    DesignError
        Where the board cannot be placed or routed, KiCad is missing or finds a fault, or the saved board has other
        nets than design.yaml.
    """
    room = out / "carrier"
    layout = route(placed_parts(design))
    make_board(layout, room)
    board = (room / "carrier.kicad_pcb").read_text(encoding="utf-8")
    report = saved.read_report((room / "drc.rpt").read_text(encoding="utf-8"))
    if report.faults or set(report.counts.values()) != {0}:
        raise DesignError("carrier", f"KiCad's check found {report.faults} (see {room / 'drc.rpt'})")
    if saved.pad_nets(board) != board_nets(design):
        raise DesignError("carrier", "the saved board has other nets than design.yaml")
    (room / "positions.csv").write_text(lists.positions(layout), encoding="utf-8")
    (room / "bom_carrier.csv").write_text(lists.bill(design), encoding="utf-8")
    for face in FACES:
        picture.draw(room / "fab", face, room / PICTURES[face])


def make_board(layout: Layout, room: Path) -> None:
    """Write carrier.kicad_pcb, drc.rpt and fab/ of a layout to `room`, without dates and paths.

    Raises
    ------
    DesignError
        Where KiCad is missing, fails or hangs; what its check finds is in drc.rpt.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "fab").mkdir()
        spec = {"layout": dataclasses.asdict(layout), "rules": RULES}
        (folder / "layout.json").write_text(json.dumps(spec), encoding="utf-8")
        script = Path(__file__).with_name("kicad.py")
        command = [KICAD_PYTHON, str(script), str(folder / "layout.json"), name]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=KICAD_TIMEOUT_S)
        except (OSError, subprocess.SubprocessError) as error:
            last = str(getattr(error, "stderr", "") or error).strip().splitlines()[-1]
            raise DesignError("carrier", f"KiCad did not make the board ({last})") from error
        board = (folder / "carrier.kicad_pcb").read_text(encoding="utf-8")
        report = saved.tidy_report((folder / "drc.rpt").read_text(encoding="utf-8"), board)
        shutil.rmtree(room / "fab", ignore_errors=True)
        (room / "fab").mkdir(parents=True)
        (room / "carrier.kicad_pcb").write_text(board, encoding="utf-8")
        (room / "drc.rpt").write_text(report, encoding="utf-8")
        for path in sorted((folder / "fab").iterdir()):
            (room / "fab" / path.name).write_text(_undated(path.read_text(encoding="utf-8")), encoding="utf-8")


def differs(made: Path, committed: Path) -> list[str]:
    """Return which files differ; pictures by their pixels, as their bytes hang on the renderer."""
    found = []
    for path in sorted(path for path in (made / "carrier").rglob("*") if path.is_file()):
        name = path.relative_to(made)
        if not (committed / name).is_file():
            found.append(f"{name} is not committed")
        elif path.suffix == ".png":
            if (share := pixels_differ(path, committed / name)) > PIXEL_TOLERANCE:
                found.append(f"{name} differs from what is made in {share:.1%} of its pixels")
        elif path.read_bytes() != (committed / name).read_bytes():
            found.append(f"{name} differs from what is made")
    return found


def _undated(text: str) -> str:
    """Return a Gerber or drill file without the lines that hold its date."""
    dated = r"^(%TF\.CreationDate.*|G04 Created by KiCad.*|; DRILL file .*|; #@! TF\.CreationDate.*)\n"
    return re.sub(dated, "", text, flags=re.M)
