"""Watches a pod that is laid on one face after the other: which is up, whether it lies still, which are left."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from surefoot.recording.samples import FloatArray
from surefoot.selftest.calibration import FACES, Pose, face_of
from surefoot.selftest.noise import noise_rms
from surefoot.selftest.stillness import BLOCK_S, is_still

POSE_S = 2.0
"""Of stillness make a pose: noise of 5.4 mg comes to 0.2 mg, a unit of the settings to 0.1."""
FRESH_POSES = 2
"""Taken after the six, away from all faces: six poses make six unknowns, so only others can tell whether it holds."""
FRESH_DEG = 20.0
"""So far from each pose before: else it is that one again, with its errors."""
COLOURED = 1.25
"""What a filter of first order adds to the error of a mean, against white noise of the same size."""
REST_G = (0.6, 1.4)
"""What a pose may read: a sensor at the ends of the settings' range reads 0.6 to 1.4 g on a face."""


class Seen(StrEnum):
    """What the pod does, in words for who holds it."""

    MOVING = "moving"
    STILL = "still: wait"
    EDGE = "on an edge or a corner: lay it on a face"
    DONE_BEFORE = "this face is done: turn it to another"
    FACE_AGAIN = "on a face: lean it, or put it on an edge"
    SAME_AGAIN = "as it lay before: turn it some other way"
    NO_REST = "it reads no rest: lay it down"
    TAKEN = "taken: turn it"


@dataclass(frozen=True)
class FaceState:
    """What is to be shown: what it does, which faces are done and left, how many fresh poses are."""

    seen: Seen
    done: tuple[str, ...]
    left: tuple[str, ...]
    fresh: int
    still_s: float


class FaceWatch:
    """Takes samples as they come. `poses` are those of the faces, `fresh` those after them.

    Attributes
    ----------
    poses : dict of str to Pose
    fresh : list of Pose
    """

    def __init__(self, rate_hz: float) -> None:
        self.poses: dict[str, Pose] = {}
        self.fresh: list[Pose] = []
        self._rate_hz = rate_hz
        self._window = round(POSE_S * rate_hz)
        self._block = round(BLOCK_S * rate_hz)
        self._values: FloatArray = np.zeros((0, 6))
        self._last_g: FloatArray | None = None
        self._seen = Seen.MOVING

    @property
    def is_complete(self) -> bool:
        """Whether all poses are there."""
        return len(self.poses) == len(FACES) and len(self.fresh) >= FRESH_POSES

    @property
    def state(self) -> FaceState:
        """What is to be shown now."""
        left = tuple(face for face in FACES if face not in self.poses)
        still_s = len(self._values) / self._rate_hz if self._seen == Seen.STILL else 0.0
        return FaceState(self._seen, tuple(self.poses), left, len(self.fresh), still_s)

    def gap(self) -> None:
        """Note that samples are missing here: no pose spans that."""
        self._values = self._values[:0]

    def take(self, values: FloatArray) -> None:
        """Look at the next samples (n, 6), g and deg/s, as measured."""
        self._values = np.concatenate([self._values, values])[-self._window :]
        if len(self._values) < 2 * self._block:
            return  # one mean alone cannot move
        if not is_still(self._values, self._rate_hz):
            self._seen = Seen.MOVING
            self._values = self._values[-self._block :]
        elif len(self._values) < self._window:
            self._seen = self._seen if self._seen == Seen.TAKEN and self._is_last() else Seen.STILL
        else:
            self._seen = self._judge(self._values[:, :3].mean(axis=0))

    def _is_last(self) -> bool:
        return not self._is_turned(self._values[:, :3].mean(axis=0))

    def _judge(self, mean_g: FloatArray) -> Seen:
        size = float(np.linalg.norm(mean_g))
        if not REST_G[0] <= size <= REST_G[1]:
            return Seen.NO_REST
        if not self._is_turned(mean_g):
            return Seen.TAKEN if self._seen == Seen.TAKEN else Seen.SAME_AGAIN
        refused = self._take_face(mean_g) if len(self.poses) < len(FACES) else self._take_fresh(mean_g)
        if refused:
            return refused
        self._last_g = mean_g
        return Seen.TAKEN

    def _take_face(self, mean_g: FloatArray) -> Seen | None:
        face = face_of(mean_g)
        if face is None:
            return Seen.EDGE
        if face in self.poses:
            return Seen.DONE_BEFORE
        self.poses[face] = Pose(mean_g, self._error_g())
        return None

    def _take_fresh(self, mean_g: FloatArray) -> Seen | None:
        if face_of(mean_g) is not None:
            return Seen.FACE_AGAIN
        if any(_angle_deg(mean_g, pose.mean_g) < FRESH_DEG for pose in self.poses.values()):
            return Seen.SAME_AGAIN
        self.fresh.append(Pose(mean_g, self._error_g()))
        return None

    def _is_turned(self, mean_g: FloatArray) -> bool:
        return self._last_g is None or _angle_deg(mean_g, self._last_g) >= FRESH_DEG

    def _error_g(self) -> FloatArray:
        rms_g = noise_rms(self._values[:, :3], self._rate_hz)
        return np.asarray(COLOURED * rms_g / np.sqrt(len(self._values)))


def _angle_deg(one: FloatArray, other: FloatArray) -> float:
    cosine = one @ other / (np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
