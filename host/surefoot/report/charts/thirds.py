"""The small chart of one measure's first and last third: two medians with their intervals, one above the other."""

from __future__ import annotations

import math

from surefoot.report.charts.strip import Mark, draw_strip, shared_scale
from surefoot.report.charts.style import INK


def draw_thirds(first: tuple[float, float, float], last: tuple[float, float, float], name: str, text: str) -> str:
    """Draw the first third (hollow) over the last third (filled); each is (median, low, high) in one unit."""
    marks = [Mark(*first, INK, "o", hollow=True), Mark(*last, INK, "o")]
    return draw_strip(marks, math.nan, shared_scale([*first, *last]), name, text)
