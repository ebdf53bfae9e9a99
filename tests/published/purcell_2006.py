"""Purcell, Channells, James & Barrett 2006, Proc. SPIE 6036:603615.

"Use of accelerometers for detecting foot-ground contact time during running": 6 runners, jog to sprint over a force
plate, 250 Hz, three axes at the distal tibia. Contact: the extremum of the antero-posterior acceleration that goes with
the largest resultant of the stride. Toe-off: mean of the instants of the largest posterior and the largest medial
acceleration between 20 and 60 % of the stride.

Left open, and chosen here: no filter; 'goes with' is the antero-posterior extremum nearest in time to the resultant's;
'largest' at toe-off is the highest local maximum in its window, since the end of the window is none.
The axes are those of a right shin: medial is to the left.
"""

from __future__ import annotations

import numpy as np

from tests.published.strides import AP, ML, FloatArray, Stride, events_per_stride, highest, maxima, minima

TOE_OFF_FROM, TOE_OFF_TO = 0.20, 0.60


def detect(t_s: FloatArray, accel_shin_g: FloatArray, gyro_shin_dps: FloatArray) -> tuple[FloatArray, FloatArray]:
    posterior_g, medial_g = -accel_shin_g[:, AP], -accel_shin_g[:, ML]
    resultant_g = np.linalg.norm(accel_shin_g, axis=1)
    posterior_peaks, medial_peaks, resultant_peaks = maxima(posterior_g), maxima(medial_g), maxima(resultant_g)
    extrema = np.sort(np.concatenate([posterior_peaks, minima(posterior_g)]))

    def find(stride: Stride) -> tuple[float, float]:
        hardest = highest(resultant_g, resultant_peaks, stride.start, stride.stop)
        if hardest is None:
            return np.nan, np.nan
        contact = float(extrema[np.argmin(np.abs(extrema - hardest))])
        window = contact + TOE_OFF_FROM * stride.length, contact + TOE_OFF_TO * stride.length
        posterior = highest(posterior_g, posterior_peaks, *window)
        medial = highest(medial_g, medial_peaks, *window)
        return contact, np.nan if posterior is None or medial is None else (posterior + medial) / 2

    return events_per_stride(t_s, gyro_shin_dps, find)
