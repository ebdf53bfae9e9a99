"""Whether a calibration is one of a sensor within its data sheet, and holds in poses that had no part in it."""

from __future__ import annotations

import numpy as np

from surefoot.recording.samples import FloatArray
from surefoot.selftest.calibration import Calibration, Pose
from surefoot.selftest.checks import Check, by_axis, judged
from surefoot.selftest.datasheet import ROOM_C, Datasheet

GRAVITY_SHARE = 0.003
"""Scale is found against local gravity: 9.780 m/s2 at the equator, 9.832 at the poles, 9.807 in the data sheets."""
UNEVEN_G = 0.005
"""Nonlinearity of 0.5 % (6.2) in 1 g, and noise."""
PRODUCTS = 0.001
"""What errors make of each other, such as 2 % of 3 %, in g and as a share: limits add them up one by one."""
_BEYOND = "beyond what its maker calls usual; the pod is usable with this calibration"


def check_askew(found: Calibration, fresh: list[Pose], sheet: Datasheet) -> Check:
    """Judge whether the calibration makes 1 g of poses between the faces, as far as cross-axis sensitivity lets it.

    That has a data sheet, is not calibrated, and does more on a corner than on an edge: so each pose has its limit.
    """
    means_g = np.array([pose.mean_g for pose in fresh])
    off_g = np.abs(np.linalg.norm(found.corrected(means_g), axis=1) - 1)
    limits_g = found.askew_g(means_g, sheet.cross_axis_share) + UNEVEN_G
    good = bool(np.all(off_g <= limits_g))
    note = "" if good else "a pose did not lie still, or the sensor's axes are not square to each other"
    return judged(
        *("fresh", "1 g askew"),
        f"{' and '.join(f'{off * 1000:.1f}' for off in off_g)} mg off",
        f"up to {' and '.join(f'{limit * 1000:.0f}' for limit in limits_g)} mg",
        good=good,
        note=note,
        off_g=_list(off_g),
        limit_g=_list(limits_g),
        poses_g=[_list(pose.mean_g) for pose in fresh],
    )


def check_offset_and_scale(
    found: Calibration, poses: dict[str, Pose], sheet: Datasheet, temperature_c: float, *, holds: bool
) -> list[Check]:
    """Judge offset and scale by the data sheet; `holds` tells whether the calibration is one to use all the same."""
    away_c = abs(temperature_c - ROOM_C)
    offset_astray_g, scale_astray = found.astray(sheet.cross_axis_share)
    offset_limit_g = np.array(sheet.offset_g) + np.array(sheet.offset_g_per_c) * away_c
    offset_limit_g = offset_limit_g + found.offset_error_g + offset_astray_g + PRODUCTS
    scale_limit = sheet.scale_share + sheet.scale_share_per_c * away_c + GRAVITY_SHARE + PRODUCTS
    scale_limits = scale_limit + found.scale_error + scale_astray
    near = bool(np.all(np.abs(found.offset_g) <= offset_limit_g))
    right = bool(np.all(np.abs(found.scale) <= scale_limits))
    note = _BEYOND if holds else "see that each face lies still"
    return [
        judged(
            *("offset", "accel. offset"),
            f"{by_axis(found.offset_g * 1000, '+.1f')} mg",
            f"within {' '.join(f'{limit * 1000:.0f}' for limit in offset_limit_g)} mg",
            good=near,
            note="" if near else note,
            offset_g=_list(found.offset_g),
            uncertainty_g=_list(found.offset_error_g),
            astray_g=_list(offset_astray_g),
            limit_g=_list(offset_limit_g),
            temperature_c=temperature_c,
            poses_g={face: _list(pose.mean_g) for face, pose in poses.items()},
        ),
        judged(
            *("scale", "accel. scale"),
            f"{by_axis(found.scale * 100, '+.2f')} %",
            f"within {' '.join(f'{limit * 100:.1f}' for limit in scale_limits)} %",
            good=right,
            note="" if right else note,
            scale=_list(found.scale),
            uncertainty=_list(found.scale_error),
            astray=_list(scale_astray),
            limit_share=_list(scale_limits),
        ),
    ]


def _list(values: FloatArray) -> list[float]:
    return [round(float(value), 6) for value in values]
