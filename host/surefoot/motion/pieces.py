"""From samples at irregular times to pieces at one even rate, with gaps left open between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from surefoot.errors import RecordingError
from surefoot.motion.filters import low_pass
from surefoot.recording.samples import Condition, FloatArray, Recording

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class PieceParameters:
    """When neighbouring samples belong together."""

    bridged_hole_s: float = 0.0101
    """A hole up to this (one sample at 100 Hz, two at 200) is filled by a straight line, counted and said."""
    shortest_s: float = 1.5
    """A shorter piece cannot hold a stride with what is needed around it, and is left out."""
    even_share: float = 0.2
    """Steps within this share of the usual one count as even: the samples stay as they are."""
    rate_hz: tuple[float, float] = (80.0, 1100.0)
    usual_rates_hz: tuple[float, ...] = (100, 120, 125, 128, 200, 240, 250, 256, 400, 500, 512, 800, 1000)
    """Rates that sensors offer; another one hints at a clock that runs fast or slow."""
    rate_tolerance: float = 0.004


@dataclass(frozen=True)
class Pieces:
    """Samples at one rate. Piece k is `[bounds[k], bounds[k + 1])`; nothing is known between pieces.

    Attributes
    ----------
    rate_hz : float
    t_s : array, shape (n,)
        s from the recording's first sample.
    accel_g, gyro_dps : array, shape (n, 3)
    filled : bool array, shape (n,)
        Samples that were missing and lie on a straight line between their neighbours.
    bounds : int array, shape (pieces + 1,)
    missing_share : float
        Of the time from first to last sample, the part that has no samples.
    gaps : int
    longest_gap_s : float
    conditions : tuple of Condition
    """

    rate_hz: float
    t_s: FloatArray
    accel_g: FloatArray
    gyro_dps: FloatArray
    filled: BoolArray
    bounds: IntArray
    missing_share: float
    gaps: int
    longest_gap_s: float
    conditions: tuple[Condition, ...]

    def turned(self, rotation: FloatArray) -> Pieces:
        """Return the same samples in other axes: rows of `rotation` (3, 3) are the new axes in the old ones."""
        return replace(self, accel_g=self.accel_g @ rotation.T, gyro_dps=self.gyro_dps @ rotation.T)

    def slices(self) -> list[slice]:
        """Return one slice for each piece."""
        return [slice(int(a), int(b)) for a, b in zip(self.bounds[:-1], self.bounds[1:], strict=True)]

    def piece_of(self, index: FloatArray | IntArray) -> IntArray:
        """Return the number of the piece in which each sample index lies."""
        return np.searchsorted(self.bounds, index, side="right") - 1

    def lowpass(self, values: FloatArray, cutoff_hz: float) -> FloatArray:
        """Zero-phase Butterworth low-pass of `values` (n, ...) within each piece, of order 2 in each direction."""
        if cutoff_hz >= 0.45 * self.rate_hz:
            return values
        low = low_pass(cutoff_hz, self.rate_hz)
        smooth = np.empty_like(values)
        for piece in self.slices():
            smooth[piece] = low.both_ways(values[piece])
        return smooth


def cut(recording: Recording, parameters: PieceParameters | None = None) -> Pieces:
    """Put a recording on an even time base, piece by piece.

    Raises
    ------
    RecordingError
        No piece is long enough, or the rate is outside 100 to 1000 Hz.
    """
    p = parameters or PieceParameters()
    t_s = recording.t_s
    step_s = np.diff(t_s)
    rate_hz = _rate(recording, step_s, p)
    hole_s = step_s - 1 / rate_hz
    gap_after = np.flatnonzero(hole_s > max(p.bridged_hole_s, 1.01 / rate_hz))
    starts = np.concatenate([[0], gap_after + 1])
    ends = np.concatenate([gap_after + 1, [len(t_s)]])
    long_enough = t_s[ends - 1] - t_s[starts] >= p.shortest_s
    if not long_enough.any():
        longest = float((t_s[ends - 1] - t_s[starts]).max())
        raise RecordingError(
            recording.name, f"its longest part without a gap is {longest:.1f} s", "record at least 10 s of running"
        )
    even = _is_even(step_s, gap_after, rate_hz, p)
    grid = [_grid(t_s[a:b], rate_hz, even) for a, b in zip(starts[long_enough], ends[long_enough], strict=True)]
    grid_s = np.concatenate(grid)
    bounds = np.concatenate([[0], np.cumsum([len(part) for part in grid])]).astype(np.int64)
    if even:
        spans = [slice(a, b) for a, b in zip(starts[long_enough], ends[long_enough], strict=True)]
        accel, gyro = (
            np.concatenate([values[span] for span in spans]) if len(spans) > 1 else values[spans[0]]
            for values in (recording.accel_g, recording.gyro_dps)
        )
        filled = np.zeros(len(grid_s), dtype=bool)
    else:
        accel, gyro = (_onto(grid_s, t_s, values) for values in (recording.accel_g, recording.gyro_dps))
        filled = _in_holes(grid_s, t_s, rate_hz)
    duration_s = float(t_s[-1] - t_s[0])
    expected = duration_s * rate_hz + 1
    missing = max(0.0, 1 - len(t_s) / expected)
    gaps_s = hole_s[gap_after]
    return Pieces(
        rate_hz=rate_hz,
        t_s=grid_s,
        accel_g=np.ascontiguousarray(accel),
        gyro_dps=np.ascontiguousarray(gyro),
        filled=filled,
        bounds=bounds,
        missing_share=missing if missing > 0.5 / expected else 0.0,
        gaps=len(gap_after),
        longest_gap_s=float(gaps_s.max()) if len(gaps_s) else 0.0,
        conditions=tuple(
            _gap_conditions(gaps_s)
            + _missing_conditions(step_s, rate_hz, int(filled.sum()), p)
            + _short_piece_conditions(int((~long_enough).sum()), p)
            + _rate_conditions(rate_hz, recording.nominal_rate_hz, p)
        ),
    )


def _rate(recording: Recording, step_s: FloatArray, p: PieceParameters) -> float:
    usual_s = float(np.median(step_s))
    steps = np.round(step_s / usual_s)
    near = (steps >= 1) & (steps <= 3)
    # timestamps rounded to ms make single steps uneven; their mean is exact
    rate_hz = float(steps[near].sum() / step_s[near].sum()) if near.any() else 1 / usual_s
    low, high = p.rate_hz
    if not low <= rate_hz <= high:
        hint = "give t_s in seconds" if rate_hz < 2 or rate_hz > 1e5 else "record at 100 to 1000 Hz"
        raise RecordingError(recording.name, f"its rate is {rate_hz:.3g} samples per second", hint)
    return rate_hz


def _is_even(step_s: FloatArray, gap_after: IntArray, rate_hz: float, p: PieceParameters) -> bool:
    uneven = np.abs(step_s * rate_hz - 1) > p.even_share
    uneven[gap_after] = False
    return not uneven.any()


def _grid(t_s: FloatArray, rate_hz: float, even: bool) -> FloatArray:
    if even:
        return t_s
    return np.asarray(t_s[0] + np.arange(int((t_s[-1] - t_s[0]) * rate_hz + 1e-6) + 1) / rate_hz)


def _onto(grid_s: FloatArray, t_s: FloatArray, values: FloatArray) -> FloatArray:
    return np.stack([np.interp(grid_s, t_s, values[:, axis]) for axis in range(3)], axis=1)


def _in_holes(grid_s: FloatArray, t_s: FloatArray, rate_hz: float) -> BoolArray:
    after = np.clip(np.searchsorted(t_s, grid_s), 1, len(t_s) - 1)
    before_s, after_s = t_s[after - 1], t_s[after]
    nearest_s = np.minimum(np.abs(grid_s - before_s), np.abs(after_s - grid_s))
    return np.asarray(((after_s - before_s) * rate_hz > 1.5) & (nearest_s * rate_hz > 0.25))


def _gap_conditions(gaps_s: FloatArray) -> list[Condition]:
    if not len(gaps_s):
        return []
    noun = "gap" if len(gaps_s) == 1 else "gaps"
    sentence = (
        f"{len(gaps_s)} {noun} in the recording, {gaps_s.sum():.2f} s in all, the longest {gaps_s.max():.2f} s; "
        "strides across a gap are not measured."
    )
    return [Condition("gaps", sentence, len(gaps_s), serious=bool(gaps_s.sum() > 10))]


def _missing_conditions(step_s: FloatArray, rate_hz: float, filled: int, p: PieceParameters) -> list[Condition]:
    if not filled:
        return []
    steps = np.round(step_s * rate_hz)
    short = (steps > 1) & (step_s - 1 / rate_hz <= max(p.bridged_hole_s, 1.01 / rate_hz))
    missing = int((steps[short] - 1).sum())
    if not missing:
        return []
    share = missing / (len(step_s) + 1 + missing)
    noun = "sample is" if missing == 1 else "samples are"
    sentence = (
        f"{missing} single {noun} missing ({share:.1%}); each was filled by a straight line between its neighbours, "
        "so that sharp peaks may be too low."
    )
    return [Condition("missing_samples", sentence, missing, serious=share > 0.02)]


def _short_piece_conditions(count: int, p: PieceParameters) -> list[Condition]:
    if not count:
        return []
    noun = "piece" if count == 1 else "pieces"
    sentence = f"{count} {noun} between gaps shorter than {p.shortest_s:g} s could not be analysed."
    return [Condition("short_pieces", sentence, count)]


def _rate_conditions(rate_hz: float, nominal_hz: float | None, p: PieceParameters) -> list[Condition]:
    expected = nominal_hz or min(p.usual_rates_hz, key=lambda usual: abs(rate_hz / usual - 1))
    off = rate_hz / expected - 1
    if abs(off) <= p.rate_tolerance:
        return []
    name = "the nominal" if nominal_hz else "the nearest usual"
    sentence = (
        f"The rate is {rate_hz:.1f} Hz, not {name} {expected:g} Hz: the clock may be {abs(off):.1%} off, "
        "and with it times, cadence and speed."
    )
    return [Condition("rate", sentence, 1, serious=abs(off) > 0.01)]
