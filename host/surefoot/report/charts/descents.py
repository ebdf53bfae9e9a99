"""The small chart of one descent: how shock goes along it, over the shape of the ground."""

from __future__ import annotations

import numpy as np

from surefoot.analysis import Analysis
from surefoot.report import numbers
from surefoot.report.charts.ground import Part
from surefoot.report.charts.series import rolling_band
from surefoot.report.charts.style import BASELINE_DASH, DESCENT, LEVEL, MUTED, add_panel, new_figure
from surefoot.report.charts.svg import to_svg

WINDOW_STRIDES = 15
_WIDTH_PX, _HEIGHT_PX = 230.0, 84.0


def draw_descent(analysis: Analysis, descent: Part, shock_scale: tuple[float, float], baseline_g: float) -> str:
    """Draw shock along one descent on a scale shared by all of them; '' where neither shock nor altitude is known."""
    strides = analysis.strides
    inside = strides["contact_s"].between(descent.start_s, descent.end_s)
    band = rolling_band(strides[inside], "shock_axial_g", WINDOW_STRIDES, points=60)
    time_s, altitude_m = _ground(analysis, descent)
    if band.empty and not altitude_m.size:
        return ""
    figure = new_figure(_WIDTH_PX, _HEIGHT_PX)
    shock = add_panel(figure, 2, 4, _WIDTH_PX - 4, 46)
    ground = add_panel(figure, 2, 54, _WIDTH_PX - 4, 28)
    for axes in (shock, ground):
        axes.set_axis_off()
        axes.set_xlim(descent.start_s, descent.end_s)
    text = []
    if not band.empty:
        air = 0.1 * (shock_scale[1] - shock_scale[0])
        shock.set_ylim(shock_scale[0] - air, shock_scale[1] + air)
        shock.fill_between(band.time_s, band.low, band.high, color=DESCENT, alpha=0.2, linewidth=0)
        shock.plot(band.time_s, band.middle, color=DESCENT, linewidth=1.8)
        low, high = float(np.nanmin(band.middle)), float(np.nanmax(band.middle))
        text.append(f"shock from {numbers.interval(low, high, 'g', 1)} along the way")
    if np.isfinite(baseline_g):
        shock.axhline(baseline_g, color=LEVEL, linewidth=1.4, linestyle=BASELINE_DASH)
        text.append(f"level baseline {numbers.quantity(baseline_g, 'g', 1)}")
    if altitude_m.size:
        floor = float(altitude_m.min())
        ground.set_ylim(floor - 0.25 * (float(altitude_m.max()) - floor) - 0.5, float(altitude_m.max()))
        ground.fill_between(time_s, altitude_m, ground.get_ylim()[0], color=MUTED, alpha=0.28, linewidth=0)
        text.append(
            f"altitude from {numbers.quantity(altitude_m[0], 'm', 0)} to {numbers.quantity(altitude_m[-1], 'm', 0)}"
        )
    return to_svg(figure, f"{descent.segment}-along", f"Along {descent.title.lower()}", "; ".join(text) + ".")


def _ground(analysis: Analysis, descent: Part) -> tuple[np.ndarray, np.ndarray]:
    profile = analysis.terrain.profile
    if profile is None:
        return np.empty(0), np.empty(0)
    inside = (profile.time_s >= descent.start_s) & (profile.time_s <= descent.end_s) & np.isfinite(profile.altitude_m)
    return profile.time_s[inside], profile.altitude_m[inside]
