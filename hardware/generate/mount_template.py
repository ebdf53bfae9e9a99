"""hardware/mount: the template that finds the same place on the shin every time, and the picture of a tap."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from hardware.generate import mount_tap
from hardware.generate.design import Design
from hardware.generate.mount_strip import PAPERS, draw, outlines

ROOM = ("mount",)

SAME_UNITS = 0.02
"""How far a point may lie from the committed one, in units of PDF (1/72 inch): below a hundredth of a millimetre."""


def make(design: Design, out: Path) -> None:
    """Write the template as a PDF for each paper, a picture of it and that of a tap into `out`/mount."""
    room = out / "mount"
    room.mkdir(parents=True, exist_ok=True)
    shapes = outlines(design)
    for paper in PAPERS:
        about = {"Title": f"Surefoot: where the pod sits ({paper.name})", "CreationDate": None}
        draw(paper, shapes).savefig(room / f"template-{paper.name}.pdf", metadata=about)
    draw(PAPERS[0], shapes).savefig(room / "template.png", dpi=110, metadata={"Software": None})
    mount_tap.draw().savefig(room / "tap.png", dpi=110, metadata={"Software": None})


def differs(made: Path, committed: Path) -> list[str]:
    """Return how the committed template differs from the one below `made`, in words.

    Bytes change with the version of matplotlib; what counts is drawn alike: every line of the PDFs in its place. Of the
    pictures the size is compared.
    """
    found = []
    for path in sorted((made / "mount").iterdir()):
        name = f"mount/{path.name}"
        if not (committed / name).is_file():
            found.append(f"{name} is not committed")
            continue
        shape = _lines if path.suffix == ".pdf" else _size
        if not _alike(shape(path.read_bytes()), shape((committed / name).read_bytes())):
            found.append(f"{name} is drawn otherwise")
    return found


def _alike(made: list[float], committed: list[float]) -> bool:
    if len(made) != len(committed):
        return False
    return all(abs(a - b) <= SAME_UNITS for a, b in zip(made, committed, strict=True))


def _lines(pdf: bytes) -> list[float]:
    """Return the page's size and every coordinate of its paths."""
    box = re.search(rb"/MediaBox \[([^\]]+)\]", pdf)
    numbers = [float(number) for number in box[1].split()] if box else []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        for points in re.findall(rb"^((?:-?[\d.]+ )+)(?:m|l|c|re)$", content, re.MULTILINE):
            numbers += map(float, points.split())
    return numbers


def _size(png: bytes) -> list[float]:
    """Return width and height of a picture, pixels (PNG specification, 11.2.2)."""
    return [float(int.from_bytes(png[start : start + 4], "big")) for start in (16, 20)]
