"""An even time base, with every gap left open and every missing sample said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.errors import RecordingError
from surefoot.motion.pieces import Pieces, cut
from surefoot.recording.samples import Recording
from tests.analyses import kept

RATES_HZ = (100.0, 125.0, 200.0, 250.0, 500.0, 1000.0)
quick = settings(max_examples=40, deadline=None)


def _recording(rate_hz: float = 200.0, seconds: float = 20.0) -> Recording:
    """Every sample has its own value, so that a sample that was moved or lost shows."""
    count = int(rate_hz * seconds)
    number = np.arange(count, dtype=float)
    return Recording(
        t_s=number / rate_hz,
        accel_g=np.column_stack([number, -number, number % 7]),
        gyro_dps=np.column_stack([number % 3, 2 * number, number]),
    )


def _codes(pieces: Pieces) -> dict[str, int]:
    return {condition.code: condition.count for condition in pieces.conditions}


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_an_even_recording_stays_as_it_is(rate_hz: float) -> None:
    recording = _recording(rate_hz)
    pieces = cut(recording)
    assert pieces.rate_hz == pytest.approx(rate_hz)
    assert np.array_equal(pieces.accel_g, recording.accel_g)
    assert np.array_equal(pieces.gyro_dps, recording.gyro_dps)
    assert np.array_equal(pieces.t_s, recording.t_s)
    assert not pieces.filled.any()
    assert pieces.bounds.tolist() == [0, len(recording.t_s)]
    assert (pieces.gaps, pieces.longest_gap_s, pieces.missing_share) == (0, 0.0, 0.0)
    assert pieces.conditions == ()


@st.composite
def holes(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Up to six holes, first missing sample and how many, 2 s and more apart, of 4 samples (20 ms) to a second."""
    found, at = [], 400
    for _ in range(draw(st.integers(0, 6))):
        at += draw(st.integers(0, 150))
        length = draw(st.integers(4, 200))
        found.append((at, length))
        at += length + 400
    return found


@quick
@given(holes())
def test_every_gap_is_found_and_none_is_bridged(made: list[tuple[int, int]]) -> None:
    """At 200 Hz, 20 ms and more: no sample is lost, none is invented, and each part is a piece of its own."""
    whole = _recording(seconds=40.0)
    keep = np.ones(len(whole.t_s), dtype=bool)
    for first, length in made:
        keep[first : first + length] = False
    recording = kept(whole, keep)
    pieces = cut(recording)
    assert np.array_equal(pieces.t_s, recording.t_s)
    assert np.array_equal(pieces.accel_g, recording.accel_g)
    assert np.array_equal(pieces.gyro_dps, recording.gyro_dps)
    assert not pieces.filled.any()
    assert pieces.gaps == len(made)
    assert [pieces.accel_g[piece.start, 0] for piece in pieces.slices()] == [0, *(a + n for a, n in made)]
    assert pieces.longest_gap_s == pytest.approx(max((n / 200 for _, n in made), default=0.0))
    assert _codes(pieces) == ({"gaps": len(made)} if made else {})
    assert pieces.missing_share == pytest.approx(sum(n for _, n in made) / len(whole.t_s), abs=1e-9)


@quick
@given(st.sets(st.integers(10, 3900), min_size=1, max_size=120))
def test_single_missing_samples_are_filled_between_their_neighbours_and_counted(numbers: set[int]) -> None:
    alone = [k for k in sorted(numbers) if not {k - 1, k - 2} & numbers]
    whole = _recording()
    keep = np.ones(len(whole.t_s), dtype=bool)
    keep[alone] = False
    pieces = cut(kept(whole, keep))
    assert pieces.gaps == 0
    assert np.flatnonzero(pieces.filled).tolist() == alone
    assert _codes(pieces) == {"missing_samples": len(alone)}
    # the first axis counts samples, so a straight line between neighbours is the truth
    assert pieces.accel_g[:, 0] == pytest.approx(whole.accel_g[:, 0], abs=1e-6)
    assert pieces.t_s == pytest.approx(whole.t_s, abs=1e-9)
    assert pieces.missing_share == pytest.approx(len(alone) / len(whole.t_s), abs=1e-6)


@pytest.mark.parametrize(
    ("rate_hz", "lost", "bridged"),
    [(200, 1, True), (200, 3, False), (100, 1, True), (100, 2, False), (1000, 9, True), (1000, 20, False)],
)
def test_what_is_bridged_is_a_time_and_not_a_number_of_samples(rate_hz: int, lost: int, bridged: bool) -> None:
    """A hole of 20 ms and more is a gap at any rate; one sample is bridged at any rate."""
    whole = _recording(float(rate_hz))
    middle = len(whole.t_s) // 2
    keep = np.ones(len(whole.t_s), dtype=bool)
    keep[middle : middle + lost] = False
    pieces = cut(kept(whole, keep))
    assert pieces.gaps == (0 if bridged else 1)
    assert pieces.filled.sum() == (lost if bridged else 0)


def test_times_rounded_to_milliseconds_keep_their_rate() -> None:
    """5 ms and 4.167 ms steps both; 240 Hz rounds to steps of 4 and 5 ms."""
    for rate_hz in (200.0, 240.0):
        whole = _recording(rate_hz)
        pieces = cut(replace(whole, t_s=np.round(whole.t_s, 3)))
        assert pieces.rate_hz == pytest.approx(rate_hz, rel=2e-4)
        assert pieces.gaps == 0
        assert pieces.accel_g[:, 0] == pytest.approx(np.arange(len(pieces.t_s)), abs=0.6)
        assert "rate" not in _codes(pieces)


@pytest.mark.parametrize(("ratio", "said"), [(1.0, False), (1.002, False), (1.03, True), (0.97, True)])
def test_a_clock_that_is_off_is_said(ratio: float, said: bool) -> None:
    recording = _recording()
    pieces = cut(replace(recording, t_s=recording.t_s * ratio))
    assert pieces.rate_hz == pytest.approx(200 / ratio)
    assert ("rate" in _codes(pieces)) == said


def test_pieces_too_short_are_left_out_and_said() -> None:
    whole = _recording(seconds=30.0)
    keep = np.ones(len(whole.t_s), dtype=bool)
    keep[2000:2040] = False
    keep[2140:2180] = False
    pieces = cut(kept(whole, keep))
    assert len(pieces.slices()) == 2
    assert _codes(pieces)["short_pieces"] == 1
    assert not np.isin(np.arange(2040, 2140), pieces.accel_g[:, 0]).any()
    assert np.isin(np.concatenate([np.arange(2000), np.arange(2180, 6000)]), pieces.accel_g[:, 0]).all()


@pytest.mark.parametrize("rate_hz", [0.2, 20.0, 60.0, 2000.0])
def test_a_rate_that_cannot_serve_is_refused(rate_hz: float) -> None:
    with pytest.raises(RecordingError, match="samples per second"):
        cut(_recording(rate_hz, 4000 / rate_hz))


def test_nothing_but_crumbs_is_refused() -> None:
    whole = _recording()
    with pytest.raises(RecordingError, match="longest part without a gap is 1\\.0 s"):
        cut(kept(whole, np.arange(len(whole.t_s)) % 240 < 200))


def test_a_low_pass_does_not_reach_across_a_gap() -> None:
    whole = _recording()
    keep = np.ones(len(whole.t_s), dtype=bool)
    keep[2000:2100] = False
    recording = kept(whole, keep)
    step = np.where(recording.t_s < 10.2, 1.0, 5.0)
    pieces = cut(replace(recording, accel_g=np.column_stack([step] * 3)))
    assert pieces.lowpass(pieces.accel_g, 5.0) == pytest.approx(pieces.accel_g, abs=1e-6)


@pytest.mark.parametrize(("frequency_hz", "gain"), [(2.0, 1.0), (20.0, 0.5), (80.0, 0.0)])
def test_the_low_pass_is_a_butterworth_in_both_directions(frequency_hz: float, gain: float) -> None:
    """Gain at the cutoff: (1 / sqrt 2) squared; no delay."""
    recording = _recording()
    wave = np.sin(2 * np.pi * frequency_hz * recording.t_s)
    pieces = cut(replace(recording, accel_g=np.column_stack([wave] * 3)))
    inner = slice(400, -400)
    assert pieces.lowpass(pieces.accel_g[:, 0], 20.0)[inner] == pytest.approx(gain * wave[inner], abs=0.01)
