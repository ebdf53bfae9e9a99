"""Greene et al. 2010, Medical & Biological Engineering & Computing 48:1251-1260; for running McGrath et al. 2012.

"An adaptive gyroscope-based algorithm for temporal gait analysis", in running by McGrath, Greene, O'Donovan & Caulfield
(Sports Engineering 15:207-213): 5 rearfoot strikers, 0.6 to 3.3 m/s on a treadmill, 102.4 Hz, against motion capture.
Sagittal rate low-passed at 5 Hz (5th order, both ways). Mid-swing: peaks at least 0.5 s apart that pass a threshold
adapted to the recording. Contact: the first minimum after mid-swing that is low enough; toe-off: the last low enough
minimum before the next mid-swing; both within 1.5 s of it.

Left open, and chosen here: one threshold of each kind for the whole recording, namely 60 % of the largest rate for
mid-swing, and 80 % of the mean of all rates below the average for the minima.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, find_peaks, sosfiltfilt

from tests.published.strides import ML, FloatArray, minima, sampling_rate_hz

CUTOFF_HZ = 5.0
ORDER = 5
SWING_APART_S = 0.5
WITHIN_S = 1.5
SWING_SHARE = 0.6
MINIMUM_SHARE = 0.8


def detect(t_s: FloatArray, accel_shin_g: FloatArray, gyro_shin_dps: FloatArray) -> tuple[FloatArray, FloatArray]:
    del accel_shin_g  # a gyroscope method; the signature is the same for all
    rate_hz = sampling_rate_hz(t_s)
    rate_dps = sosfiltfilt(butter(ORDER, CUTOFF_HZ, fs=rate_hz, output="sos"), gyro_shin_dps[:, ML])
    swings = find_peaks(rate_dps, height=SWING_SHARE * rate_dps.max(), distance=int(SWING_APART_S * rate_hz))[0]
    low_enough = MINIMUM_SHARE * rate_dps[rate_dps < rate_dps.mean()].mean()
    troughs = minima(rate_dps)
    troughs = troughs[rate_dps[troughs] < low_enough]

    first = np.searchsorted(troughs, swings[:-1], side="right")
    last = np.searchsorted(troughs, swings[1:]) - 1
    both = first < last  # a stride has two minima: without the second, nobody knows which one was seen
    contact_s, toe_off_s = t_s[troughs[first[both]]], t_s[troughs[last[both]]]
    near = (contact_s - t_s[swings[:-1][both]] < WITHIN_S) & (t_s[swings[1:][both]] - toe_off_s < WITHIN_S)
    return contact_s[near], toe_off_s[near]
