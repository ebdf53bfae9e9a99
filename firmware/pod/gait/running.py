"""Running told from walking, riding and handling, by one stride: its shaking, its swing, its length and its shape."""

from array import array
from math import cos, pi

from micropython import const

from pod.gait.smooth import MASK

NO = const(0)
LIKELY = const(1)
SURE = const(2)

_SHAKING_PIVOT = const(4516)
_SWING_PIVOT_DPS = const(390)
_SLOWEST_SWING_DPS = const(250)
# Of 256, the unit of the score.
_STAYS = const(-96)
_MOST_FOR_CADENCE = const(170)
_SURE = const(200)
# Of 1024: less of the rotation about the swing's axis is no gait; running has 870 and more.
_HINGE = const(614)
_SURE_HINGE = const(768)
_PHASES = const(24)
_COSINE = array("h", [round(64 * cos(2 * pi * k / _PHASES)) for k in range(_PHASES)])


def judge(shaking, swing_dps, interval_ms, hinge, ran):
    """Say how surely a stride is one of running: NO, LIKELY or SURE. It takes less to go on than to begin.

    The pivots lie between walking (0.6 to 0.7 g, 350 deg/s, 1.05 s) and slow running (1.6 g, 440 deg/s, 0.77 s).
    `shaking` is a variance in squares of 1/64 g, `hinge` (of 1024) the part of the rotation about the swing's axis.
    """
    if hinge < _HINGE or swing_dps < _SLOWEST_SWING_DPS or not 420 <= interval_ms <= 1050:
        return NO
    score = (_log2(shaking + 256) - _log2(_SHAKING_PIVOT + 256)) >> 1
    score += (swing_dps - _SWING_PIVOT_DPS) * 256 // _SWING_PIVOT_DPS
    score += min((870 - interval_ms) * 256 // 250, _MOST_FOR_CADENCE)
    if score > _SURE and hinge > _SURE_HINGE:
        return SURE
    return LIKELY if score > (_STAYS if ran else 0) else NO


def steps(rate, last, interval):
    """Say whether the turning over `interval` samples up to `last` is that of a stepping leg, which rests in stance.

    A leg on a crank turns evenly: of the two slowest parts of its turning the second has 15 to 20 % of the amplitude;
    of a running shin's, 38 to 51 %. The line is at 27 %.
    """
    once_cos = once_sin = twice_cos = twice_sin = 0
    for k in range(_PHASES):
        turn = rate[(last - interval * k // _PHASES) & MASK] >> 6
        once_cos += turn * _COSINE[k]
        once_sin += turn * _COSINE[(k + 6) % _PHASES]
        twice_cos += turn * _COSINE[2 * k % _PHASES]
        twice_sin += turn * _COSINE[(2 * k + 6) % _PHASES]
    once = (once_cos >> 8) * (once_cos >> 8) + (once_sin >> 8) * (once_sin >> 8)
    twice = (twice_cos >> 8) * (twice_cos >> 8) + (twice_sin >> 8) * (twice_sin >> 8)
    return twice * 7 > once


def _log2(number):
    """256 times the logarithm to base 2 of 256 and more, less 2048; good to 22."""
    octaves = 0
    while number >= 512:
        number >>= 1
        octaves += 256
    return octaves + number - 256
