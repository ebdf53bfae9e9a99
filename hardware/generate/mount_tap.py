"""What a tap beside the pod looks like when the strap holds, and when it does not: reckoned, not measured.

The pod is a mass on a damped spring on the bone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import signal

TAP_G, TAP_MS = 6.0, 3.0
"""The tap: half a sine of this height and length at the bone. An example; a finger's tap was not measured."""

RATE_HZ, FILTER_HZ = 1000, 184
"""As the pod samples at its highest rate, behind the MPU-6050's filter (register map rev 4.2)."""

DAMPING = 0.09
"""Damping ratio of the example: the ringing falls to a tenth in four swings."""

FINE_STEPS = 20
"""Steps per sample with which the motion is reckoned."""

EXAMPLES = (
    (150.0, "tight and light: rings fast, soon over"),
    (45.0, "loose or heavy: rings slowly, and into the shock"),
)

INK, MUTED, RING = "#1a1a1a", "#6b6b6b", "#b3400d"


def tap(resonance_hz: float, seconds: float = 0.12) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return times, ms after the tap, and the pod's acceleration, g, as its sensor would sample it.

    Parameters
    ----------
    resonance_hz : float
        With which the pod rings on skin and strap.
    seconds : float
        How long; 10 ms before the tap come first.
    """
    time_s = np.arange(-0.01, seconds, 1 / (RATE_HZ * FINE_STEPS))
    length_s = TAP_MS / 1000
    bone_g = np.where((time_s > 0) & (time_s < length_s), TAP_G * np.sin(np.pi * time_s / length_s), 0.0)
    turn = 2 * np.pi * resonance_hz
    spring, motion = [2 * DAMPING * turn, turn**2], [1.0, 2 * DAMPING * turn, turn**2]
    pod_g = signal.lsim((spring, motion), bone_g, time_s - time_s[0])[1]
    sections = signal.butter(1, FILTER_HZ, fs=RATE_HZ * FINE_STEPS, output="sos")
    return 1000 * time_s[::FINE_STEPS], signal.sosfilt(sections, pod_g)[::FINE_STEPS]


def draw() -> Figure:
    """Return the picture: one panel for each example."""
    figure = Figure(figsize=(8.4, 5.2), layout="constrained")
    panels = figure.subplots(2, 1, sharex=True, sharey=True)
    for axes, (resonance_hz, words) in zip(panels, EXAMPLES, strict=True):
        _panel(axes, resonance_hz, words)
    panels[-1].set_xlabel("ms after the tap")
    figure.suptitle("A tap on the bone, as the pod would feel it (reckoned, not measured)", fontsize=12, weight="bold")
    return figure


def _panel(axes: Axes, resonance_hz: float, words: str) -> None:
    time_ms, pod_g = tap(resonance_hz)
    axes.plot(time_ms, pod_g, color=RING, linewidth=1.4, marker=".", markersize=4)
    axes.axhline(0, color=MUTED, linewidth=0.6)
    peaks = signal.find_peaks(pod_g)[0][:2]
    first_ms, second_ms = time_ms[peaks]
    height_g = float(pod_g[peaks[0]]) + 0.7
    axes.annotate("", (second_ms, height_g), (first_ms, height_g), arrowprops={"arrowstyle": "<->", "color": INK})
    axes.text(
        second_ms + 1.5, height_g, f"one swing: {1000 / resonance_hz:.1f} ms = {resonance_hz:.0f} Hz", va="center"
    )
    axes.set_title(words, loc="left", fontsize=10.5)
    axes.set_ylabel("g")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.01, y=0.18)
