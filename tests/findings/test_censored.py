"""Censored quantiles and their bootstrap against values worked by hand, numpy, and known distributions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from surefoot.findings.censored import Resampling, interval, quantile, resampled_medians


def at(values, clipped, q):
    value, bounded = quantile(np.array(values, dtype=float), np.array(clipped, dtype=bool), q)
    return float(value), bool(bounded)


def test_the_weight_of_a_clipped_value_goes_to_those_above_it():
    # Kaplan-Meier by hand: S = 5/6 after 1, 4/6 after 2; 3+ is censored; then 3 at risk, S = 4/6 * 2/3 = 4/9 after 4,
    # 2/9 after 5, 0 after 6. So 1 and 2 weigh 1/6, and 4, 5, 6 weigh 2/9 each. In strides: ranks 0, 1, 2, 10/3, 14/3.
    values, clipped = [1, 2, 3, 4, 5, 6], [0, 0, 1, 0, 0, 0]
    # The median sits at rank 2.5, between 4 (rank 2) and 5 (rank 10/3): 4 + 0.5 / (4/3) = 4.375.
    assert at(values, clipped, 0.5)[0] == pytest.approx(4.375)
    # Rank 4.5 lies between 5 and 6: 5 + (4.5 - 10/3) / (4/3) = 5.875.
    assert at(values, clipped, 0.9)[0] == pytest.approx(5.875)


def test_a_median_below_the_sensors_limit_is_exact_and_a_p90_beyond_it_is_a_bound():
    values, clipped = [6, 7, 8, 9, 10, 11, 12, 13, 15, 15], [0] * 8 + [1, 1]
    assert at(values, clipped, 0.5) == (10.5, False)
    assert at(values, clipped, 0.9) == (15.0, True)


def test_where_most_values_are_clipped_the_median_is_a_lower_bound():
    assert at([9, 15, 15, 15.2], [0, 1, 1, 1], 0.5) == (15.0, True)
    assert at([15.0, 15.1, 15.4], [1, 1, 1], 0.5) == (15.1, True)


def test_of_no_values_there_is_no_quantile():
    assert np.isnan(at([], [], 0.5)[0])


values_and_limits = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40)
shares = st.sampled_from([0.1, 0.5, 0.9])


@given(values_and_limits, shares)
def test_without_clipped_values_it_is_numpys_quantile(pairs, q):
    values = [value for value, _ in pairs]
    assert at(values, [False] * len(values), q)[0] == pytest.approx(np.quantile(values, q))


@given(values_and_limits, shares)
def test_the_order_of_strides_does_not_matter(pairs, q):
    values, clipped = zip(*pairs, strict=True)
    value, bounded = at(values[::-1], clipped[::-1], q)
    assert (pytest.approx(value), bounded) == at(values, clipped, q)


@given(values_and_limits, shares, st.data())
def test_clipping_a_value_never_lowers_a_quantile_that_is_still_reached(pairs, q, data):
    values, clipped = zip(*pairs, strict=True)
    one = data.draw(st.integers(0, len(pairs) - 1))
    more = [limit or i == one for i, limit in enumerate(clipped)]
    value, bounded = at(values, more, q)
    if not bounded:
        assert value >= at(values, clipped, q)[0] - 1e-9


@given(values_and_limits, shares)
def test_a_quantile_is_never_below_that_of_the_bounds(pairs, q):
    values, clipped = zip(*pairs, strict=True)
    assert at(values, clipped, q)[0] >= np.quantile(values, q) - 1e-9


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(0, 30), shares)
def test_behind_a_sensors_limit_a_quantile_is_exact_or_says_that_it_is_a_bound(true, limit, q):
    true = np.array(true, dtype=float)
    value, bounded = at(np.minimum(true, limit), true >= limit, q)
    if bounded:
        assert value <= np.quantile(true, q) + 1e-9
    else:
        assert value == pytest.approx(np.quantile(true, q))


def test_rows_are_independent():
    rng = np.random.default_rng(3)
    values, clipped = rng.normal(10, 3, (6, 25)), rng.random((6, 25)) < 0.3
    together, bounded = quantile(values, clipped, 0.9)
    alone = [at(row, limits, 0.9) for row, limits in zip(values, clipped, strict=True)]
    assert list(zip(together.tolist(), bounded.tolist(), strict=True)) == alone


@pytest.mark.parametrize(("n", "likeness"), [(60, 0.0), (120, 0.5), (900, 0.5)])
def test_the_interval_covers_the_true_median_of_strides_that_resemble_their_neighbours(n, likeness):
    rng = np.random.default_rng(1)
    never = np.zeros(n, dtype=bool)
    covered = 0
    for _ in range(300):
        noise = lfilter([1.0], [1.0, -likeness], rng.standard_normal(n + 50))[50:]
        low, high = interval(*resampled_medians(np.exp(0.2 * noise), never, Resampling()))
        covered += low <= 1.0 <= high
    # 95 % wanted; blocks of ten lose a little. Three standard errors of 300 trials are 4 %.
    assert 0.87 <= covered / 300 <= 0.99


def test_an_interval_that_reaches_the_sensors_limit_is_open_above():
    rng = np.random.default_rng(2)
    true = rng.normal(15.0, 2.0, 200)
    low, high = interval(*resampled_medians(np.minimum(true, 15.0), true >= 15.0, Resampling()))
    assert 14.0 < low <= 15.0
    assert np.isnan(high)
