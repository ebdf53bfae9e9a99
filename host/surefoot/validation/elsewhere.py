"""Real sensors with a partial reference: a shoe-worn one with a foot pod, and a mean cycle that begins at toe-off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from surefoot.analysis import analyze
from surefoot.recording import read_recording
from surefoot.recording.samples import Recording
from surefoot.settings import Settings
from surefoot.validation.checkout import load_module

ELSEWHERE = """## Real sensors

Two recordings of real sensors have a reference for a part of the numbers. `shoe_hill` sat on a shoe, where only
cadence means something; 11 % of its samples are missing, impacts clip, and its clock may be 3 % off against the foot
pod's, whose pairing with it is inferred. `real_shank_mean_cycle` is the mean cycle of a real shank sensor, ringing
included, repeated; the left leg's begins at its toe-off. Its stride time is not known (0.73 s was taken, for which the
mean force is 1 g), so the speed of 3.47 m/s cannot be checked; the grade read from it, on the level, shows how little
a ringing sensor's own grade is worth."""

_STRIDE_S, _RATE_HZ, _HEIGHT_M = 0.73, 200, 0.2


def score_elsewhere(checkout: Path) -> pd.DataFrame:
    """Analyse the recordings: a table of texts."""
    catalogue = load_module(checkout, "tests.recordings")
    lines: list[tuple[str, ...]] = [*_shoe(catalogue), *_mean_cycle(catalogue)]
    return pd.DataFrame(lines, columns=["recording", "quantity", "reference", "measured", "difference"])


def _shoe(catalogue: Any) -> list[tuple[str, ...]]:
    strides = analyze(read_recording(catalogue.SHOE_HILL_IMU), Settings()).strides
    pod = pd.read_csv(catalogue.SHOE_HILL_STRYD)
    lines: list[tuple[str, ...]] = []
    for phase, start_s, end_s in (("down", 2, 46), ("up", 52, 99)):
        half = strides[strides["contact_s"].between(start_s, end_s)]
        ours = 120 / half["stride_time_s"].mean()
        theirs = 2 * pod.loc[pod["phase"] == phase, "cadence"].mean()
        lines.append(
            (
                f"shoe_hill, {phase}hill half",
                f"cadence, steps/min ({len(half)} strides)",
                f"{theirs:.1f}",
                f"{ours:.1f}",
                f"{100 * (ours / theirs - 1):+.1f} %",
            )
        )
    return lines


def _mean_cycle(catalogue: Any) -> list[tuple[str, ...]]:
    analysis = analyze(_repeated(*catalogue.shank_mean_cycle("running", "left")), Settings(sensor_height_m=_HEIGHT_M))
    strides = analysis.strides[analysis.strides["usable"]]
    # the first sample is the toe-off, and so is every whole number of strides after it
    phase_s = (strides["toe_off_s"] + _STRIDE_S / 2) % _STRIDE_S - _STRIDE_S / 2
    found: list[tuple[str, ...]] = [
        (
            "real_shank_mean_cycle, left",
            "toe-off, ms from the start of the cycle",
            "0",
            f"{1e3 * phase_s.median():.0f}",
            f"{1e3 * phase_s.median():+.0f} ms",
        ),
        (
            "real_shank_mean_cycle, left",
            "grade, %",
            "about 0",
            f"{100 * strides['grade'].median():.0f}",
            f"{100 * strides['grade'].median():+.0f} points",
        ),
        ("real_shank_mean_cycle, left", "leg", "left", analysis.quality.side, "–"),
    ]
    return found


def _repeated(accel_g: np.ndarray, gyro_dps: np.ndarray) -> Recording:
    t_s = np.arange(0, 40 * _STRIDE_S, 1 / _RATE_HZ)
    phase = (t_s / _STRIDE_S % 1) * len(accel_g)
    at = np.arange(len(accel_g) + 1)
    accel, gyro = (
        np.stack([np.interp(phase, at, np.append(values[:, axis], values[0, axis])) for axis in range(3)], axis=1)
        for values in (accel_g, gyro_dps)
    )
    return Recording(t_s, accel, gyro, name="mean cycle")
