"""Identity, refusals, self-test, bias and temperature of the sensor, and the model that the tests rest on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rig.board.mpu6050 import Counter, Mpu6050, Still
from tests.rig.board.virtual_clock import VirtualClock
from tests.rig.interpreter import run

KNOWN = {0x68, 0x70, 0x71, 0x72, 0x73, 0x98}


def test_an_unknown_sensor_is_refused_with_its_number() -> None:
    lines = {line["who"]: line["said"] for line in run("sensor_refused.py")}
    assert {who for who in range(256) if lines[who] == ""} == KNOWN
    assert all(lines[who] == f"unknown sensor: WHO_AM_I 0x{who:02x}" for who in set(range(256)) - KNOWN)
    assert lines["none"] == "no sensor answers at 0x68"
    assert lines["no FIFO"] == "sensor 0x70: its FIFO does not work (0 bytes)"


def told(kind: str) -> tuple[list[dict[str, Any]], dict[tuple[Any, int], dict[str, Any]]]:
    lines = run("sensor_selftest.py", kind)
    return lines, {(line["percent"], line.get("axis", 0)): line for line in lines if "percent" in line}


# By hand from the formulas of the register map (codes 1, 9, 31 and 1, 16, 31) and of the maker's driver.
TRIMS = {
    "MPU-6050": [4096 * 0.34, 1816.0, 4096 * 0.92, 25 * 131, -6429.6, 12623.0],
    "MPU-6500": [2620, 2837, 3531, 2620, 3042, 3531],
}
# How far off an axis may be: gyroscope and accelerometer of either family.
LIMITS = {"MPU-6050": ((-14, 14), (-14, 14)), "MPU-6500": ((-50, 50), (-50, 10000))}


@pytest.mark.parametrize("kind", TRIMS)
def test_self_test(kind: str) -> None:
    lines, results = told(kind)
    assert lines[0]["trims"] == pytest.approx(TRIMS[kind], rel=2e-4)
    assert results[0, 0]["passed"] == 0x3F
    assert max(map(abs, results[0, 0]["change"])) <= 1
    for (percent, axis), result in results.items():
        if percent == "no trim":
            continue
        low, high = LIMITS[kind][axis >= 3]
        expected = 0x3F if low <= percent <= high else 0x3F & ~(1 << axis)
        assert result["passed"] == expected, (percent, axis)
        assert result["change"][axis] == pytest.approx(percent, abs=1)
        assert result["answered"]
    assert results["no trim", 0]["passed"] == 0
    assert {"restored": True} in lines


@pytest.mark.parametrize("kind", TRIMS)
def test_bias_at_rest_is_exact_and_refused_while_moving(kind: str) -> None:
    lines, _ = told(kind)
    bias = {line["bias"]: line["measured"] for line in lines if "bias" in line}
    assert bias == {
        "at rest": [-11, 25, 4],
        "swinging a little": [-11, 25, 4],
        "turning": None,
        "shaken": None,
        "spinning": None,
    }


@pytest.mark.parametrize("kind", ["MPU-6050", "MPU-6500"])
def test_temperature(kind: str) -> None:
    lines, _ = told(kind)
    for line in lines:
        if "celsius" in line:
            assert line["temperature_cc"] == pytest.approx(line["celsius"] * 100, abs=1)


class Bench:
    """The model alone, register by register."""

    def __init__(self, kind: str = "MPU-6050", **settings: Any) -> None:
        self.clock = VirtualClock()
        self.model = Mpu6050(self.clock, kind, **settings)

    def write(self, register: int, value: int) -> None:
        self.model.select(register)
        self.model.write_byte(value)

    def read(self, register: int, count: int = 1) -> list[int]:
        self.model.select(register)
        return [self.model.read_byte() for _ in range(count)]

    def count(self) -> int:
        high, low = self.read(0x72, 2)
        return high << 8 | low

    def start(self, divider: int = 0) -> None:
        for register, value in ((0x6B, 1), (0x19, divider), (0x1A, 1), (0x1B, 0x18), (0x1C, 0x18), (0x38, 0x10)):
            self.write(register, value)
        for register, value in ((0x6A, 0x04), (0x23, 0x78), (0x6A, 0x40)):
            self.write(register, value)


@pytest.mark.parametrize(("kind", "who", "power"), [("MPU-6050", 0x68, 0x40), ("ICM-20689", 0x98, 0x01)])
def test_model_after_power_up(kind: str, who: int, power: int) -> None:
    bench = Bench(kind)
    assert bench.read(0x75) == [who]
    assert bench.read(0x6B) == [power]
    bench.clock.advance(100_000)
    assert bench.count() == 0


def test_model_fifo_is_in_order_and_repeats_its_last_byte() -> None:
    bench = Bench()
    bench.start()
    bench.clock.advance(2050)
    assert bench.count() == 24
    bytes_read = bench.read(0x74, 24)
    first, second = Counter.index(bytes_read[:12]), Counter.index(bytes_read[12:])
    assert second == first + 1 > 0
    assert bench.read(0x74, 3) == [bytes_read[-1]] * 3
    assert bench.count() == 0


def test_model_loses_the_oldest_byte_and_latches() -> None:
    bench = Bench()
    bench.start()
    bench.clock.advance(85_050)
    assert bench.count() == 1020
    assert bench.read(0x3A)[0] & 0x10 == 0
    bench.clock.advance(1000)
    assert bench.count() == 1024
    assert bench.read(0x3A)[0] & 0x10
    assert bench.read(0x3A)[0] & 0x10 == 0
    # 1032 bytes went in: the first eight are gone, and what is read from here on is shifted.
    assert Counter.index(bench.read(0x74, 12)) == -1


def test_model_resets_its_fifo_only_while_it_is_off() -> None:
    bench = Bench()
    bench.start()
    bench.clock.advance(10_050)
    bench.write(0x6A, 0x44)
    assert bench.count() == 120
    bench.write(0x6A, 0x04)
    assert bench.count() == 0


@pytest.mark.parametrize(("divider", "config", "expected"), [(0, 1, 1000), (1, 1, 500), (4, 2, 200), (7, 0, 1000)])
def test_model_rate(divider: int, config: int, expected: int) -> None:
    bench = Bench()
    bench.start(divider)
    bench.write(0x6A, 0)
    bench.write(0x1A, config)
    bench.write(0x6A, 0x40)
    before = bench.model.index
    bench.clock.advance(2_000_000)
    bench.model.step()
    assert abs(bench.model.index - before - 2 * expected) <= 1


def test_model_honours_the_ranges() -> None:
    bench = Bench(source=Still((100, -200, 2048, 10, -20, 3000)))
    bench.write(0x6B, 1)
    bench.write(0x1B, 0x08)
    bench.write(0x1C, 0x10)
    raw = bench.read(0x3B, 14)
    values = [int.from_bytes(raw[k : k + 2], "big", signed=True) for k in range(0, 14, 2)]
    assert values[:3] == [200, -400, 4096]
    assert values[4:] == [40, -80, 12000]
    bench.write(0x1B, 0x00)
    raw = bench.read(0x47, 2)
    assert int.from_bytes(raw, "big", signed=True) == 24000


@pytest.mark.parametrize(
    ("kind", "config", "config2", "codes"), [("MPU-6050", 2, 1, (2, 2)), ("MPU-6500", 2, 0x41, (1, 2))]
)
def test_model_has_its_filter_where_the_part_has_it(
    kind: str, config: int, config2: int, codes: tuple[int, int]
) -> None:
    bench = Bench(kind)
    bench.write(0x1A, config)
    bench.write(0x1D, config2)
    assert bench.model.filter_codes() == codes
