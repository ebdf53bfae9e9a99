"""Pictures of the finished board, drawn from the files that the fab gets."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Literal

from hardware.generate.carrier.gerber import Artwork, Hole, Patch, Stroke, read_drills, read_gerber
from hardware.generate.carrier.layout import Point
from hardware.generate.carrier.rules import VIA_DRILL
from hardware.generate.schema import DesignError

PIXELS_PER_MM = 30
MARGIN_MM = 2.0
RENDER_TIMEOUT_S = 60
"""A picture takes a second; a renderer that hangs must not hang the build."""

PAPER, FIBRE, MASK_ON_COPPER, GOLD, SILK, INK = "#ffffff", "#0f4a2a", "#1d7a45", "#d8b24a", "#f6f6f0", "#333333"


def draw(fab: Path, face: Literal["F", "B"], picture: Path) -> None:
    """Write a PNG of one face of the board whose files are in `fab`; the back is mirrored, as one sees it.

    Raises
    ------
    DesignError
        Where a file cannot be read, or rsvg-convert is missing or fails.
    """
    svg = _svg(fab, face)
    command = ["rsvg-convert", "-z", str(PIXELS_PER_MM), "-o", str(picture)]
    try:
        subprocess.run(command, input=svg.encode(), check=True, capture_output=True, timeout=RENDER_TIMEOUT_S)
    except (OSError, subprocess.SubprocessError) as error:
        raise DesignError(picture.name, f"rsvg-convert did not draw it ({error})") from error


def outline(edge: Artwork) -> list[Point]:
    """Return the outline of the board as one closed line.

    Raises
    ------
    DesignError
        Where its pieces do not meet, or leave a gap.
    """
    pieces = [stroke.points for stroke in edge.strokes]
    line = list(pieces.pop(0)) if pieces else []
    while pieces:
        last = line[-1]
        for piece in pieces:
            for way in (piece, piece[::-1]):
                if _near(way[0], last):
                    line += way[1:]
                    break
            else:
                continue
            pieces.remove(piece)
            break
        else:
            raise DesignError("Edge_Cuts", f"the outline has a gap at {last}")
    if not line or not _near(line[0], line[-1]):
        raise DesignError("Edge_Cuts", "the outline is not closed")
    return line


def _near(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) < 1e-3 and abs(a[1] - b[1]) < 1e-3


def _svg(fab: Path, face: str) -> str:
    def art(layer: str) -> Artwork:
        name = f"carrier-{layer}.gbr"
        return read_gerber((fab / name).read_text(encoding="utf-8"), name)

    edge = outline(art("Edge_Cuts"))
    holes = [
        hole
        for kind in ("PTH", "NPTH")
        for hole in read_drills((fab / f"carrier-{kind}.drl").read_text(encoding="utf-8"), kind)
    ]
    width, height = max(x for x, _ in edge), -min(y for _, y in edge)
    total = (width + 2 * MARGIN_MM, height + 2 * MARGIN_MM + 2.5)
    mirror = f"translate({width} 0) scale(-1 1)" if face == "B" else ""
    board = [
        f'<path d="{_path(edge)}" fill="{FIBRE}"/>',
        _group(art(f"{face}_Cu"), MASK_ON_COPPER),
        _group(art(f"{face}_Mask"), GOLD),
        *(_hole(hole, FIBRE) for hole in holes if hole.diameter <= VIA_DRILL),
        _group(art(f"{face}_Silkscreen"), SILK),
        *(_hole(hole, PAPER) for hole in holes if hole.diameter > VIA_DRILL),
    ]
    bar = f"M0 {height + 1.6}h10m-10 -0.5v1m10 -1v1"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{total[0]}" height="{total[1]}" '
            f'viewBox="{-MARGIN_MM} {-MARGIN_MM} {total[0]} {total[1]}">',
            f'<rect x="{-MARGIN_MM}" y="{-MARGIN_MM}" width="{total[0]}" height="{total[1]}" fill="{PAPER}"/>',
            f'<clipPath id="edge"><path d="{_path(edge)}"/></clipPath>',
            f'<g transform="{mirror}"><g clip-path="url(#edge)">',
            *board,
            "</g></g>",
            f'<path d="{bar}" stroke="{INK}" stroke-width="0.15" fill="none"/>',
            f'<text x="11" y="{height + 2.0}" font-family="DejaVu Sans, sans-serif" font-size="1.4" '
            f'fill="{INK}">10 mm, {"front" if face == "F" else "back"}</text>',
            "</svg>",
        ]
    )


def _path(points: list[Point] | tuple[Point, ...]) -> str:
    return "M" + "L".join(f"{x:.4f} {-y:.4f}" for x, y in points)


def _group(art: Artwork, colour: str) -> str:
    shapes = [_stroke(stroke) for stroke in art.strokes] + [_patch(patch) for patch in art.patches]
    body = "\n".join(shapes)
    return f'<g fill="{colour}" stroke="{colour}" stroke-linecap="round" stroke-linejoin="round">{body}</g>'


def _stroke(stroke: Stroke) -> str:
    return f'<path d="{_path(stroke.points)}" fill="none" stroke-width="{stroke.width:.4f}"/>'


def _patch(patch: Patch) -> str:
    closed = (*patch.points, patch.points[0])
    return f'<path d="{_path(closed)}" stroke-width="{2 * patch.radius:.4f}"/>'


def _hole(hole: Hole, colour: str) -> str:
    return (
        f'<path d="{_path((hole.start, hole.end))}" fill="none" stroke="{colour}" stroke-linecap="round" '
        f'stroke-width="{hole.diameter}"/>'
    )
