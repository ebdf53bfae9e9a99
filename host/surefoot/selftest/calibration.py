"""Offset and scale of the accelerometer from poses at rest, none of which needs to be level.

At rest the true acceleration is 1 g, whichever way the pod lies. Offset and scale error of each axis are those with
which that comes out best over all poses, by least squares (Lotters et al. 1998, Sensors and Actuators A 68:221;
Frosio et al. 2009, IEEE Trans. Instrum. Meas. 58:2032, there with cross-axis terms as well). The convention is that of
docs/link.md and `recording.units`: true = (measured - offset) / (1 + scale).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surefoot.errors import SurefootError
from surefoot.recording.samples import FloatArray
from surefoot.wire.settings import SETTINGS, SettingNumber

FACES = ("X up", "X down", "Y up", "Y down", "Z up", "Z down")
"""By the arrows printed on the sensor's board."""
FACE_DEG = 30.0
"""A pose belongs to the face nearest to it up to this; from 45 on another one is nearer. A sensor at the ends of its
data sheet turns a level face by 6 degrees, and a pod in a rounded case lies up to 15 askew."""
ITERATIONS = 20
"""Gauss-Newton from the middle of opposite faces is at its end after three or four."""
COVERAGE = 2.0
"""Standard deviations that the stated uncertainty is wide: about 95 %."""
UNIT = 1e-4
"""Of the settings: 0.0001 g and 0.0001."""


class CalibrationError(SurefootError):
    """Poses that no calibration comes from; nothing was stored. `faces` are those that are missing."""

    def __init__(self, why: str, next_step: str, faces: tuple[str, ...] = ()) -> None:
        self.faces = faces
        super().__init__("Cannot calibrate the accelerometer", why, next_step)


@dataclass(frozen=True)
class Pose:
    """What the accelerometer read while the pod lay still: mean (3,) and its standard error (3,), g."""

    mean_g: FloatArray
    error_g: FloatArray


@dataclass(frozen=True)
class Calibration:
    """Offset and scale of the three axes.

    Attributes
    ----------
    offset_g, scale : array, shape (3,)
        As docs/link.md has them; scale is the error, 0 where the axis is right, relative to local gravity.
    offset_error_g, scale_error : array, shape (3,)
        95 % uncertainty from noise; what cross-axis sensitivity does is not in it.
    cross_axis : array, shape (6, 3)
        How far offsets and scales are led astray by the cross-axis sensitivities of x with y, y with z, z with x (each
        the sum of both ways), because faces did not lie level: multiply by those.
    """

    offset_g: FloatArray
    scale: FloatArray
    offset_error_g: FloatArray
    scale_error: FloatArray
    cross_axis: FloatArray

    def corrected(self, accel_g: FloatArray) -> FloatArray:
        """Return accelerations (..., 3) as they truly were, g."""
        return np.asarray((accel_g - self.offset_g) / (1 + self.scale))

    def astray(self, cross_axis_share: float) -> tuple[FloatArray, FloatArray]:
        """Return how far a cross-axis sensitivity can at most have led offsets (3,), g, and scales (3,)."""
        most = 2 * cross_axis_share * np.abs(self.cross_axis).sum(axis=1)
        return most[:3], most[3:]

    def askew_g(self, means_g: FloatArray, cross_axis_share: float) -> FloatArray:
        """Return how far a cross-axis sensitivity can at most put poses (n, 3), corrected, from 1 g.

        It makes 20 mg between two axes and 40 mg between three at 2 %, and what led the calibration astray.
        """
        _, slopes = _off(means_g, np.concatenate([self.offset_g, 1 + self.scale]))
        shares = _products(self.corrected(means_g)) + slopes @ self.cross_axis
        return np.asarray(2 * cross_axis_share * np.abs(shares).sum(axis=1))

    def settings(self) -> tuple[int, ...]:
        """Return the values of settings 7 to 12.

        Raises
        ------
        CalibrationError
            One of them is beyond what the pod takes.
        """
        values = tuple(round(float(value) / UNIT) for value in (*self.offset_g, *self.scale))
        for number, value in enumerate(values, SettingNumber.ACCEL_OFFSET):
            setting = SETTINGS[number]
            if not setting.lowest <= value <= setting.highest:
                why = f"{setting.name} would be {value * UNIT:.3f}, more than the pod takes"
                raise CalibrationError(why, "replace the sensor: it is far from what its data sheet says")
        return values


def face_of(mean_g: FloatArray) -> str | None:
    """Return the face of `FACES` that is up, None for a pose that is on none."""
    size = float(np.linalg.norm(mean_g))
    axis = int(np.argmax(np.abs(mean_g)))
    if size == 0 or abs(mean_g[axis]) < size * np.cos(np.radians(FACE_DEG)):
        return None
    return FACES[2 * axis + (mean_g[axis] < 0)]


def fit(poses: list[Pose]) -> Calibration:
    """Fit offset and scale to poses at rest, of which there is one near each face.

    Raises
    ------
    CalibrationError
        Faces are missing, or the poses are no poses at rest.
    """
    means = np.array([pose.mean_g for pose in poses]).reshape(-1, 3)
    _demand_faces(means)
    highest, lowest = means.max(axis=0), means.min(axis=0)
    unknowns = np.concatenate([(highest + lowest) / 2, (highest - lowest) / 2])
    for _ in range(ITERATIONS):
        off_g, slopes = _off(means, unknowns)
        unknowns = unknowns - np.linalg.lstsq(slopes, off_g, rcond=None)[0]
        if not (np.all(np.isfinite(unknowns)) and np.all(unknowns[3:] > 0.5)):
            raise CalibrationError("the poses do not fit together", "do the six faces again, without haste")
    _, slopes = _off(means, unknowns)
    # how the errors of the means, taken along what was up, reach the six unknowns
    up = (means - unknowns[:3]) / unknowns[3:] ** 2
    errors_g = np.sqrt(((up * np.array([pose.error_g for pose in poses])) ** 2).sum(axis=1))
    spread = COVERAGE * np.sqrt(((np.linalg.pinv(slopes) * errors_g) ** 2).sum(axis=1))
    true_g = (means - unknowns[:3]) / unknowns[3:]
    cross_axis = -np.linalg.pinv(slopes) @ _products(true_g)
    return Calibration(unknowns[:3], unknowns[3:] - 1, spread[:3], spread[3:], cross_axis)


def _products(true_g: FloatArray) -> FloatArray:
    """Return xy, yz and zx of poses (n, 3): what the cross-axis sensitivity of each pair adds to their sizes."""
    return np.asarray(true_g * np.roll(true_g, -1, axis=1))


def _off(means: FloatArray, unknowns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how far each corrected pose is from 1 g, and the derivatives by offsets and gains."""
    true = (means - unknowns[:3]) / unknowns[3:]
    size = np.linalg.norm(true, axis=1)
    direction = true / size[:, None]
    slopes = np.hstack([-direction / unknowns[3:], -direction * true / unknowns[3:]])
    return size - 1, slopes


def _demand_faces(means: FloatArray) -> None:
    """Both ends of each axis: from poses in one half a larger offset cannot be told from a smaller scale."""
    rough = means - (means.max(axis=0, initial=-1) + means.min(axis=0, initial=1)) / 2
    seen = {face_of(mean) for mean in rough} | {face_of(mean) for mean in means}
    missing = tuple(face for face in FACES if face not in seen)
    if missing:
        raise CalibrationError(
            f"{6 - len(missing)} of six faces were seen, {', '.join(missing)} not", "do all six", missing
        )
