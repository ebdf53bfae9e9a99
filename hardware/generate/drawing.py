"""SVG, written by hand: the few shapes that the pictures are made of. Same input, same bytes."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from html import escape
from pathlib import Path

FONT = "DejaVu Sans, Verdana, sans-serif"

# Wire colours (IEC 60757) as they look on white; white and yellow wires get a dark edge to be seen.
WIRE_RGB = {
    "BK": "#222222",
    "RD": "#d81e1e",
    "PK": "#e868a2",
    "OG": "#f08a12",
    "VT": "#7b3fa0",
    "GN": "#1e9440",
    "YE": "#e3b505",
    "BU": "#1f62d0",
    "WH": "#ffffff",
    "BN": "#8a5a2b",
    "GY": "#8c8c8c",
}
WIRE_WORDS = {
    "BK": "black",
    "RD": "red",
    "PK": "pink",
    "OG": "orange",
    "VT": "violet",
    "GN": "green",
    "YE": "yellow",
    "BU": "blue",
    "WH": "white",
    "BN": "brown",
    "GY": "grey",
}


def number(value: float) -> str:
    """Return a coordinate as text, to a tenth of a pixel, without superfluous zeros."""
    return f"{value:.1f}".removesuffix(".0") if round(value, 1) else "0"


def rect(
    x: float, y: float, width: float, height: float, fill: str, *, edge: str = "none", round_: float = 0, dash: str = ""
) -> str:
    """Return a rectangle."""
    shape = f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'{shape} rx="{number(round_)}" fill="{fill}" stroke="{edge}" stroke-width="1.5"{dashed}/>'


def circle(x: float, y: float, radius: float, fill: str, *, edge: str = "none", width: float = 1.5) -> str:
    """Return a disc."""
    place = f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
    return f'{place} fill="{fill}" stroke="{edge}" stroke-width="{number(width)}"/>'


def text(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    fill: str = "#222222",
    anchor: str = "middle",
    bold: bool = False,
    turn: float = 0,
) -> str:
    """Return a line of text; `turn` is in degrees clockwise about its place."""
    turned = f' transform="rotate({number(turn)} {number(x)} {number(y)})"' if turn else ""
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" fill="{fill}" '
        f'text-anchor="{anchor}"{weight}{turned}>{escape(words)}</text>'
    )


def line(points: Sequence[tuple[float, float]], colour: str, width: float, *, dash: str = "") -> str:
    """Return a line through points."""
    path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{number(width)}" '
        f'stroke-linejoin="round" stroke-linecap="round"{dashed}/>'
    )


def moved(shapes: Sequence[str], x: float, y: float) -> str:
    """Return shapes, moved to the right and down."""
    return f'<g transform="translate({number(x)} {number(y)})">' + "\n".join(shapes) + "</g>"


def picture(width: float, height: float, shapes: Sequence[str], title: str) -> str:
    """Return a whole SVG file on a white ground."""
    size = f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT}" role="img">'
    ground = rect(0, 0, width, height, "#ffffff")
    return "\n".join([head, f"<title>{escape(title)}</title>", ground, *shapes, "</svg>", ""])


# rsvg-convert takes well under a second for each picture; more means that it hangs.
RENDER_TIMEOUT_S = 60


# Few flat colours: a palette makes the file a third as large, and no edge worse than the eye sees.
PALETTE = 160


def render(svg: Path, *, width_px: int | None = None) -> None:
    """Write the PNG beside an SVG file, with rsvg-convert; in the picture's own size unless a width is given."""
    from PIL import Image

    png = svg.with_suffix(".png")
    size = [] if width_px is None else ["--width", str(width_px), "--keep-aspect-ratio"]
    command = ["rsvg-convert", *size, "--background-color", "white", "--output", str(png), str(svg)]
    subprocess.run(command, check=True, timeout=RENDER_TIMEOUT_S)
    with Image.open(png) as image:
        flat = image.convert("RGB").quantize(PALETTE, dither=Image.Dither.NONE)
    flat.save(png, optimize=True)
