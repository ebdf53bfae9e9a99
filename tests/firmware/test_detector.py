"""The detector's mechanics: any packets, gaps, clipping, any input, the same integers everywhere, no allocation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pod.gait import vector
from pod.gait.cadence import Cadence
from pod.gait.detector import Detector
from pod.gait.smooth import Window, low_pass

from surefoot.motion import filters
from tests.recordings import TREADMILL
from tests.rig.interpreter import run, run_32bit
from tests.rig.live import Found, at_rate, detect
from tests.rig.sample_file import RawArray, raw_samples

FloatArray = NDArray[np.float64]
MICROPYTHONS = {"64 bit": run, "32 bit": run_32bit}


def running(rate_hz: int, seconds: float, name: str = "rbds001_35_R") -> RawArray:
    t_s, accel_g, gyro_dps = TREADMILL[name].samples()
    return raw_samples(at_rate(t_s, accel_g, rate_hz), at_rate(t_s, gyro_dps, rate_hz))[: int(seconds * rate_hz)]


def same(one: Found, other: Found) -> bool:
    columns = ("at", "shock_g", "cadence_spm", "clipped", "toe_off_at", "contact_ms")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in columns)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([200, 500, 1000]), st.integers(1, 19))
def test_packets_of_any_length_give_the_same(rate_hz: int, packet: int) -> None:
    raw = running(rate_hz, 5)
    assert same(detect(raw, rate_hz), detect(raw, rate_hz, packet=packet))


def test_what_is_behind_the_samples_of_a_short_packet_does_not_count() -> None:
    detector = Detector(500)
    body = bytearray(b"\x7f\xff" * 114)
    body[:24] = bytes(24)
    assert detector.take(memoryview(body), 2) == 0
    assert not detector.packet_clipped


def test_the_first_landing_is_the_second_or_third_contact() -> None:
    found = detect(running(500, 2.6), 500)
    assert len(found.at) >= 1


@pytest.mark.parametrize("rate_hz", [200, 1000])
def test_a_gap_is_not_bridged_and_counts_in_the_index(rate_hz: int) -> None:
    raw = running(rate_hz, 12)
    cut, missing = 6 * rate_hz, 700
    whole = detect(raw, rate_hz)
    detector = Detector(rate_hz)
    at, cadence_spm = [], []
    for part, lost in ((raw[:cut], missing), (raw[cut + missing :], 0)):
        for start in range(0, len(part), 19):
            body = bytearray(228)
            values = part[start : start + 19].tobytes()
            body[: len(values)] = values
            if detector.take(memoryview(body), len(values) // 12):
                at.append(detector.contact_index)
                cadence_spm.append(detector.cadence_spm)
        detector.skip(lost)
        assert not detector.running
        assert detector.cadence_spm == 0
    after = [index for index in at if index > cut]
    assert after
    assert np.abs(np.array(after)[:, None] - whole.at).min(axis=1).max() <= 0.006 * rate_hz
    assert np.ptp(cadence_spm[1:]) <= 5


def test_reset_forgets_everything() -> None:
    raw = running(250, 6)
    found = detect(raw, 250)
    found.detector.reset()
    fresh = Detector(250)
    body = raw[:19].tobytes()
    for start in range(0, len(raw) - 19, 19):
        body = raw[start : start + 19].tobytes()
        for detector in (found.detector, fresh):
            detector.take(memoryview(bytearray(body)), 19)
        for field in ("landings", "shock_cg", "cadence_spm", "contact_ms", "contact_index", "running"):
            assert getattr(found.detector, field) == getattr(fresh, field)


@pytest.mark.parametrize("rate_hz", [200, 500, 1000])
@pytest.mark.parametrize("limit", [32767, -32768])
def test_a_landing_that_clips_says_so_and_no_other_does(rate_hz: int, limit: int) -> None:
    raw = running(rate_hz, 8)
    clean = detect(raw, rate_hz)
    assert not clean.clipped.any()
    raw[int(clean.at[4]) + round(0.02 * rate_hz), 2] = limit
    found = detect(raw, rate_hz)
    assert found.clipped.nonzero()[0].tolist() == [4]


@given(st.lists(st.integers(-32768, 32767), min_size=6, max_size=114), st.data())
def test_a_packet_that_clips_says_so(values: list[int], data: st.DataObject) -> None:
    count = len(values) // 6
    place = data.draw(st.integers(0, count * 6 - 1))
    values[place] = data.draw(st.sampled_from([32767, -32768, 32766, -32767, 0x007F, -128, 255, -1]))
    body = bytearray(228)
    body[: 12 * count] = np.array(values[: 6 * count], dtype=">i2").tobytes()
    detector = Detector(500)
    detector.take(memoryview(body), count)
    assert detector.packet_clipped == any(value in (32767, -32768) for value in values[: 6 * count])


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([200, 250, 500, 1000]), st.integers(0, 2**32 - 1), st.sampled_from([300, 4000, 32767]))
def test_nonsense_is_survived(rate_hz: int, seed: int, size: int) -> None:
    """Noise, steps and a swing in it, up to the ends of the range."""
    rng = np.random.default_rng(seed)
    samples = 3 * rate_hz
    swing = np.sin(2 * np.pi * rng.uniform(0.5, 4) * np.arange(samples) / rate_hz)[:, None] * rng.normal(size=6)
    noise = rng.normal(size=(samples, 6)) * rng.integers(0, 2, size=6) + rng.integers(-1, 2, size=6)
    raw = np.clip(size * (swing + noise), -32768, 32767).astype(">i2")
    detector = detect(raw, rate_hz).detector
    assert 0 <= detector.shock_cg <= 2800
    assert 0 <= detector.cadence_spm <= 300
    assert 0 <= detector.contact_ms <= 1100


@pytest.mark.parametrize("port", MICROPYTHONS)
@pytest.mark.parametrize(("name", "rate_hz"), [("rbds001_25_L", 500), ("rbds001_35_R", 1000), ("jdx_s999_L", 240)])
def test_micropython_finds_the_same_integers(name: str, rate_hz: int, port: str, tmp_path: Path) -> None:
    raw = running(rate_hz, 9, name)
    (tmp_path / "raw.bin").write_bytes(raw.tobytes())
    found = MICROPYTHONS[port]("detect_trace.py", tmp_path / "raw.bin", rate_hz)
    assert [line["now"] for line in found] == trace(raw, rate_hz)
    assert found[-1]["now"][0] >= 9


def trace(raw: RawArray, rate_hz: int) -> list[list[int]]:
    """What the script `detect_trace.py` prints, made here."""
    detector = Detector(rate_hz)
    lines: list[list[int]] = []
    body = bytearray(228)
    for start in range(0, len(raw), 19):
        values = raw[start : start + 19].tobytes()
        body[: len(values)] = values
        detector.take(memoryview(body), len(values) // 12)
        fields = ("landings", "contact_index", "shock_cg", "cadence_spm", "contact_ms", "toe_off_index")
        flags = ("running", "clipped", "packet_clipped")
        now = [getattr(detector, field) for field in fields] + [int(getattr(detector, flag)) for flag in flags]
        if not lines or now != lines[-1]:
            lines.append(now)
    return lines


@pytest.mark.parametrize("port", MICROPYTHONS)
def test_half_a_minute_of_running_allocates_nothing(port: str, tmp_path: Path) -> None:
    (tmp_path / "raw.bin").write_bytes(running(500, 29).tobytes())
    (found,) = MICROPYTHONS[port]("detect_memory.py", tmp_path / "raw.bin", 500, 1)
    assert found["bytes"] == 0
    assert found["landings"] > 35


@pytest.mark.parametrize("port", MICROPYTHONS)
def test_the_wildest_samples_allocate_nothing(port: str, tmp_path: Path) -> None:
    """Integers of more than 30 bits would."""
    rng = np.random.default_rng(1)
    raw = rng.choice([-32768, 32767, 0], size=(19 * 150, 6))
    raw[19 * 75 :] = np.sign(np.sin(np.arange(19 * 75) / 25))[:, None] * 32767
    (tmp_path / "raw.bin").write_bytes(raw.astype(">i2").tobytes())
    (found,) = MICROPYTHONS[port]("detect_memory.py", tmp_path / "raw.bin", 250, 1)
    assert found["bytes"] == 0


@pytest.mark.parametrize("port", MICROPYTHONS)
def test_no_part_passes_31_bits_at_the_ends_of_its_range(port: str) -> None:
    (found,) = MICROPYTHONS[port]("detect_extremes.py", timeout_s=60)
    assert found["found"] > 100


@pytest.mark.soak
@pytest.mark.parametrize("port", MICROPYTHONS)
def test_ten_minutes_of_running_allocate_nothing(port: str, tmp_path: Path) -> None:
    (tmp_path / "raw.bin").write_bytes(running(500, 29).tobytes())
    (found,) = MICROPYTHONS[port]("detect_memory.py", tmp_path / "raw.bin", 500, 21)
    assert found["packets"] * 19 > 300_000
    assert found["bytes"] == 0
    assert found["landings"] > 750


@pytest.mark.parametrize(("rate_hz", "every"), [(200, 1), (240, 1), (250, 1), (500, 2), (1000, 4)])
@pytest.mark.parametrize("frequency_hz", [2.0, 10.0, 20.0, 35.0, 60.0])
def test_the_weights_pass_what_the_hosts_filter_passes(rate_hz: int, every: int, frequency_hz: float) -> None:
    """A sine, its means of `every` samples, and the weights over them; against the host's filter on the sine itself."""
    t_s = np.arange(4 * rate_hz) / rate_hz
    sine = 4000 * np.sin(2 * np.pi * frequency_hz * t_s)
    host = np.abs(filters.low_pass(60.0, rate_hz).both_ways(sine)[rate_hz:-rate_hz]).max()
    taps = np.array(low_pass(60, rate_hz, every))
    means = sine[: len(sine) // every * every].reshape(-1, every).mean(axis=1)
    weighted = np.convolve(means, np.concatenate([taps[:0:-1], taps]) / 4096, mode="same")
    assert np.abs(weighted[200:-200]).max() == pytest.approx(host, abs=0.03 * 4000)


@given(st.lists(st.integers(-28000, 28000), min_size=60, max_size=256), st.sampled_from([200, 240, 250]))
def test_the_window_is_three_running_means_around_each_sample(values: list[int], hz: int) -> None:
    ring = np.zeros(256, dtype=np.int64)
    ring[: len(values)] = values
    window = Window(hz, 32)
    window.read(ring.tolist(), 300, 32)
    width = round(hz / 51)
    kernel = np.convolve(np.convolve(np.ones(width) / width, np.ones(width) / width), np.ones(3) / 3)
    middle = 300 + np.arange(32)[:, None] + np.arange(len(kernel)) - len(kernel) // 2
    assert np.abs(np.array(window.values[:32]) - ring[middle % 256] @ kernel).max() <= 3


@given(st.integers(1, 3 * 2**28))
def test_the_root_is_the_integer_root(square: int) -> None:
    assert vector.root(square) == int(np.sqrt(square))


@given(st.lists(st.integers(-(2**20), 2**20), min_size=3, max_size=3))
def test_a_unit_vector_points_the_same_way(components: list[int]) -> None:
    found = list(components)
    if not vector.unit(found):
        assert components == [0, 0, 0]
        return
    assert np.linalg.norm(found) == pytest.approx(16384, abs=6)
    assert np.abs(np.array(found) / 16384 - np.array(components) / np.linalg.norm(components)).max() < 4e-4


def test_cadence_is_the_mean_of_the_last_four() -> None:
    cadence = Cadence()
    steps = 120 * 64 * 200
    for stride, expected in ((9600, 160), (9600, 160), (9600, 160), (9600, 160), (7680, 168), (7680, 178)):
        cadence.add(stride)
        assert cadence.spm(steps) == expected
