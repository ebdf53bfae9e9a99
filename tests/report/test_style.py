from __future__ import annotations

import pytest

from surefoot.report.charts.style import add_panel, new_figure, set_time_axis, time_unit


@pytest.mark.parametrize(
    ("end_s", "unit", "labels"),
    [
        (30.0, "s", ["0", "10", "20", "30"]),
        (1500.0, "min", ["0", "5", "10", "15", "20", "25"]),
        (3 * 3600.0, "h:min", ["0:00", "1:00", "2:00", "3:00"]),
    ],
)
def test_a_time_axis_has_few_round_labels(end_s: float, unit: str, labels: list[str]) -> None:
    axes = add_panel(new_figure(350, 200), 40, 30, 300, 120)
    set_time_axis(axes, 0.0, end_s, 5)
    inside = [tick for tick in axes.xaxis.get_major_locator()() if 0 <= tick <= end_s]
    assert time_unit(end_s) == unit
    assert [axes.xaxis.get_major_formatter()(tick, 0) for tick in inside] == labels
