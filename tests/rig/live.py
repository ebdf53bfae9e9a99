"""Recordings as the pod's detector gets them: raw samples in packets, and what it finds in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pod.gait.detector import Detector
from scipy.spatial.transform import Rotation

from tests.recordings import TREADMILL
from tests.rig.sample_file import RawArray, raw_samples
from tests.rig.virtual_runner import VirtualRun

FloatArray = NDArray[np.float64]

PACKET_SAMPLES = 19


@dataclass(frozen=True)
class Found:
    """What the detector said, a row per landing: `at` and `said_at` are sample indices.

    `said_at` is the sample with which the landing was announced; `toe_off_at` and `contact_ms` have a row per stance.
    """

    at: FloatArray
    said_at: FloatArray
    shock_g: FloatArray
    cadence_spm: FloatArray
    clipped: NDArray[np.bool_]
    toe_off_at: FloatArray
    contact_ms: FloatArray
    detector: Detector


def detect(
    raw: RawArray,
    rate_hz: int,
    true_rate_hz: float | None = None,
    packet: int = PACKET_SAMPLES,
    axial: FloatArray | None = None,
) -> Found:
    """Feed a new detector with `raw` in packets; `axial`, a unit vector, keeps it from learning where up is."""
    detector = Detector(rate_hz)
    if axial is not None:
        detector._axes._find_up = lambda: None
        for axis in range(3):
            detector._axes.up[axis] = round(16384 * axial[axis])
    if true_rate_hz:
        detector.retime(round(true_rate_hz * 1000))
    body = bytearray(12 * PACKET_SAMPLES)
    view = memoryview(body)
    data = raw.tobytes()
    landings, stances = [], []
    for start in range(0, len(raw), packet):
        count = min(packet, len(raw) - start)
        body[: 12 * count] = data[12 * start : 12 * (start + count)]
        for _ in range(detector.take(view, count)):
            landing = (detector.contact_index, start + count - 1, detector.shock_cg / 100, detector.cadence_spm)
            landings.append((*landing, detector.clipped))
        if detector.contact_ms and (not stances or stances[-1][0] != detector.toe_off_index):
            stances.append((detector.toe_off_index, detector.contact_ms))
    columns = np.array(landings, dtype=float).reshape(-1, 5).T
    stance = np.array(stances, dtype=float).reshape(-1, 2).T
    return Found(columns[0], columns[1], columns[2], columns[3], columns[4] > 0, stance[0], stance[1], detector)


def treadmill_files() -> list[tuple[str, int, bool]]:
    """Name, rate and kind (impact or clean) of each file of the treadmill recordings."""
    return [
        (name, rate_hz, impact)
        for name, recording in TREADMILL.items()
        for impact, rates in ((False, recording.rates_hz), (True, recording.impact_rates_hz))
        for rate_hz in rates
    ]


@cache
def treadmill_truth(name: str) -> tuple[FloatArray, FloatArray]:
    """All contacts of the force plate, s, the one after the last stride included; and its toe-offs."""
    truth = TREADMILL[name].truth()
    contact_s = np.append(truth["contact_s"], truth["next_contact_s"].iloc[-1])
    return contact_s, truth["toeoff_s"].to_numpy(float)


def at_rate(t_s: FloatArray, values: FloatArray, rate_hz: float) -> FloatArray:
    """Samples (n, d) at another rate, by straight lines."""
    new_s = np.arange(t_s[0], t_s[-1], 1 / rate_hz)
    return np.stack([np.interp(new_s, t_s, values[:, axis]) for axis in range(values.shape[1])], axis=1)


def of_virtual(run: VirtualRun) -> RawArray:
    """Raw samples of a virtual run."""
    return raw_samples(run.accel_g, run.gyro_dps)


def nearest(true_s: FloatArray, found_s: FloatArray) -> FloatArray:
    """Error of each found time against the nearest true one, s."""
    at = np.clip(np.searchsorted(true_s, found_s), 1, len(true_s) - 1)
    at -= found_s - true_s[at - 1] < true_s[at] - found_s
    return np.asarray(found_s - true_s[at])


def orientations(count: int = 12, seed: int = 5) -> list[FloatArray]:
    """Ways in which a pod may sit on the strap: rotation matrices."""
    return list(Rotation.random(count, rng=np.random.default_rng(seed)).as_matrix())
