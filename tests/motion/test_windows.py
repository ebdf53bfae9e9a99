"""Reading between samples, and crossings, against rows worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from surefoot.motion.windows import around, at_column, extreme, first_crossing, sample


def test_reading_between_samples_is_linear() -> None:
    values = np.array([0.0, 10.0, 20.0, 0.0])
    at = np.array([0.0, 0.5, 1.25, 2.5, 3.0, np.nan])
    assert sample(values, at) == pytest.approx([0, 5, 12.5, 10, 0, np.nan], nan_ok=True)


def test_reading_vectors_keeps_their_axes() -> None:
    values = np.array([[0.0, 1.0], [2.0, 3.0]])
    read = sample(values, np.array([[0.0, 0.5], [1.0, np.nan]]))
    assert read.shape == (2, 2, 2)
    assert read[0] == pytest.approx(np.array([[0, 1], [1, 2]]))
    assert read[1, 0] == pytest.approx([2, 3])
    assert np.isnan(read[1, 1]).all()


def test_windows_lie_around_their_events() -> None:
    """At 100 Hz, 10 ms is one sample."""
    rows = around(np.arange(100.0), np.array([10.0, 20.5]), np.array([-0.01, 0.0, 0.015]), 100.0)
    assert rows == pytest.approx(np.array([[9, 10, 11.5], [19.5, 20.5, 22]]))


def test_the_largest_value_among_the_allowed() -> None:
    rows = np.array([[1.0, 9.0, 5.0], [np.nan, 2.0, 7.0], [1.0, 2.0, 3.0]])
    allowed = np.array([[True, False, True], [True, True, True], [False, False, False]])
    column = extreme(rows, allowed)
    assert column.tolist() == [2, 2, 0]
    assert at_column(rows, column).tolist() == [5, 7, 1]


def test_the_first_crossing_within_its_bounds() -> None:
    rows = np.array(
        [
            [0.0, 1.0, 2.0, 1.0, 0.0],
            [0.0, 1.0, 2.0, 1.0, 0.0],
            [4.0, 2.0, -2.0, -4.0, -4.0],
            [0.0, 0.0, 0.0, 0.0, 0.0],
        ]
    )
    start, end = np.array([0, 2, 0, 0]), np.array([4, 4, 4, 4])
    level = np.array([0.25, 0.25, 0.0, 1.0])
    assert first_crossing(rows, start, end, level) == pytest.approx([0.25, 3.75, 1.5, np.nan], nan_ok=True)


def test_no_rows_give_no_answers() -> None:
    nothing = np.zeros(0)
    assert sample(np.arange(5.0), nothing).shape == (0,)
    rows = around(np.arange(5.0), nothing, np.array([0.0, 0.1]), 100.0)
    assert rows.shape == (0, 2)
    none = np.zeros(0, dtype=np.int64)
    assert first_crossing(rows, none, none, nothing).shape == (0,)
