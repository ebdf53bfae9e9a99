"""The average landing: signals around contact, middle and spread over many strides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.gait.strides import Gait
from surefoot.motion.alignment import shin_angle_deg
from surefoot.motion.pieces import BoolArray
from surefoot.motion.windows import around
from surefoot.recording.samples import FloatArray

BEFORE_S, AFTER_S, STEP_S = -0.1, 0.3, 0.0025

SIGNALS: tuple[str, ...] = ("axial_g", "ap_g", "ml_g", "sagittal_dps", "frontal_dps", "shin_angle_deg")


@dataclass(frozen=True)
class LandingCurves:
    """Signals in shin axes from 100 ms before to 300 ms after contact, over the usable strides of one group.

    Attributes
    ----------
    group : str
        'all', 'level' or 'descents'.
    strides : int
        How many strides went in.
    time_ms : array, shape (k,)
        Time from contact.
    middle, low, high : dict of str to array, shape (k,)
        Mean, and mean minus and plus one standard deviation, by name of the signal (`SIGNALS`).
    """

    group: str
    strides: int
    time_ms: FloatArray
    middle: dict[str, FloatArray]
    low: dict[str, FloatArray]
    high: dict[str, FloatArray]


def landing_curves(gait: Gait, groups: dict[str, BoolArray]) -> tuple[LandingCurves, ...]:
    """Average the landings of each group of strides; groups without strides are left out.

    Parameters
    ----------
    gait : Gait
    groups : dict of str to bool array, shape (k,)
        Which landings belong to which group.
    """
    move = gait.move
    rate_hz = move.pieces.rate_hz
    offsets_s = np.arange(BEFORE_S, AFTER_S + STEP_S / 2, STEP_S)
    piece = move.pieces.piece_of(gait.at)
    whole = (gait.at + BEFORE_S * rate_hz >= move.pieces.bounds[piece]) & (
        gait.at + AFTER_S * rate_hz <= move.pieces.bounds[piece + 1] - 1
    )
    curves = []
    for name, belongs in groups.items():
        at = gait.at[belongs & whole]
        if not len(at):
            continue
        accel = around(move.pieces.accel_g, at, offsets_s, rate_hz)
        rate = around(move.pieces.gyro_dps, at, offsets_s, rate_hz)
        angle = shin_angle_deg(around(move.up, at, offsets_s, rate_hz))
        rows = dict(
            zip(SIGNALS, (accel[..., 1], accel[..., 0], accel[..., 2], rate[..., 2], rate[..., 0], angle), strict=True)
        )
        middle = {signal: values.mean(axis=0) for signal, values in rows.items()}
        spread = {signal: values.std(axis=0) for signal, values in rows.items()}
        curves.append(
            LandingCurves(
                group=name,
                strides=len(at),
                time_ms=1e3 * offsets_s,
                middle=middle,
                low={signal: middle[signal] - spread[signal] for signal in SIGNALS},
                high={signal: middle[signal] + spread[signal] for signal in SIGNALS},
            )
        )
    return tuple(curves)
