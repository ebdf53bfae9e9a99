"""The published shank methods that the product is compared with, and the errors their authors found.

Every method sees a right shin (columns antero-posterior, axial, medio-lateral: forward, up, to the runner's right) with
the true axes; a left leg is mirrored before. Nothing here was tuned on the recordings of this project. Not included:
Fadillioglu 2020, Whelan 2015 and Schmidt 2016, whose rules could not be found in enough detail to be fair to them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.published import aubol_2020, greene_2010, mercer_2003, purcell_2006, sinclair_2013
from tests.published.strides import FloatArray

Detect = Callable[[FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True)
class Method:
    """A published method: `detect(t_s, accel_shin_g, gyro_shin_dps)` gives contact_s and toe_off_s (nan: not seen)."""

    name: str
    detect: Detect
    made_for: str
    published_error: str


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "Sinclair 2013",
            sinclair_2013.detect,
            "rearfoot strikers, 4.0 m/s, over ground",
            "mean +1.7 / absolute 5.5 ms contact, -3.6 / 5.0 ms toe-off",
        ),
        Method(
            "Purcell 2006",
            purcell_2006.detect,
            "jog to sprint, over ground",
            "contact time 0 ± 12 ms (jog), 2 ± 3 ms (run); in 74 runners +17.4 (-97 to +132) ms contact, "
            "+3.5 (-144 to +151) ms toe-off (Kiernan 2023)",
        ),
        Method(
            "Greene 2010 / McGrath 2012",
            greene_2010.detect,
            "walking; rearfoot strikers up to 3.3 m/s, treadmill",
            "in walking -4.5 ± 14.4 ms contact; in running not known to us",
        ),
        Method("Mercer 2003", mercer_2003.detect, "3.1 to 3.8 m/s, treadmill", "none published"),
        Method(
            "Aubol & Milner 2020",
            aubol_2020.detect,
            "rearfoot strikers, 3.0 m/s, over ground; contact only",
            "exact values not known to us",
        ),
    )
}
