"""From a matplotlib figure to an inline SVG that follows the page's colours and speaks to a screen reader."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html import escape

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from surefoot.report.charts.style import CSS_VARIABLES

_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))


@dataclass(frozen=True)
class Picture:
    """One drawing; `size` is 'any', or 'wide' or 'narrow' where two are made and the page shows the one that fits."""

    svg: str
    size: str = "any"


@dataclass(frozen=True)
class Chart:
    """A chart with its caption in plain words; `missing` says why, where there is nothing to draw."""

    pictures: tuple[Picture, ...] = ()
    caption: str = ""
    missing: str = ""


def to_svg(figure: Figure, name: str, title: str, description: str = "") -> str:
    """Draw a figure as an SVG element.

    Parameters
    ----------
    name : str
        Unique on the page; every id in the drawing starts with it.
    title, description : str
        The alternative text: what it shows, and what the data say in numbers.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "surefoot"}):
        FigureCanvasSVG(figure).print_svg(buffer, metadata=_NO_METADATA)  # type: ignore[no-untyped-call]
    width, height = figure.get_size_inches() * 72
    drawing = buffer.getvalue()
    body = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")]
    label = escape(f"{title}. {description}" if description else title)
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" style="max-width:{1.3 * width:.0f}px" role="img" '
        f'aria-label="{label}">{_slim(_with_page_colours(body), name)}</svg>'
    )


def _with_page_colours(body: str) -> str:
    for colour, variable in CSS_VARIABLES.items():
        body = body.replace(colour, f"var({variable})")
    return body


def _slim(body: str, name: str) -> str:
    """Keep of the drawing what a page needs: its own ids, the page's fonts, tenths of a pixel."""
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>", "", body, flags=re.DOTALL)
    unset = set(re.findall(r"#([\w-]+)", body))

    def own_id(found: re.Match[str]) -> str:
        # matplotlib repeats a definition that two artists share; one of them carries the id.
        if found[1] not in unset:
            return ""
        unset.remove(found[1])
        return f' id="{name}-{found[1]}"'

    body = re.sub(r' id="([^"]+)"', own_id, body)
    body = re.sub(r'(url\(|xlink:href=")#', lambda m: f"{m[1].replace('xlink:', '')}#{name}-", body)
    body = re.sub(r" font-family: [^;\"]*;", "", body)
    body = re.sub(r' transform="rotate\(-0 [^"]*"', "", body)
    body = re.sub(r"<[^>]*>", lambda tag: re.sub(r"\d+\.\d{2,}", _tenth, tag[0]), body)
    return re.sub(r"\s*\n\s*", " ", body)


def _tenth(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")
