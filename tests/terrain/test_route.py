"""Routes are read, or refused with one sentence."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import fitdecode
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surefoot.errors import RouteError
from surefoot.terrain.fixes import haversine_m, steps_of_both_feet
from surefoot.terrain.route import read_route
from tests.rig.courses import ROUTES, watch_table
from tests.rig.fit_file import crc16, fit_activity

FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="{creator}" '
    'xmlns="http://www.topografix.com/GPX/1/1" xmlns:x="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">'
    "<trk><trkseg>"
)
TAIL = "</trkseg></trk></gpx>"


def point(i: int, *, altitude: str = "<ele>100</ele>", time: str | None = None, extra: str = "") -> str:
    """A fix each second, 0.0001 degrees further north each time."""
    stamp = f"2024-05-01T10:{i // 60:02d}:{i % 60:02d}Z" if time is None else time
    when = f"<time>{stamp}</time>" if stamp else ""
    return f'<trkpt lat="{45 + i * 1e-4:.6f}" lon="7.0">{altitude}{when}{extra}</trkpt>'


def gpx(points: list[str], creator: str = "test") -> bytes:
    return (HEAD.format(creator=creator) + "".join(points) + TAIL).encode()


def run_records(n: int = 100, **more: float) -> list[dict[str, float]]:
    return [{"t_s": i, "distance_m": 3.0 * i, "altitude_m": 100 + 0.2 * i, "cadence_rpm": 82, **more} for i in range(n)]


def saved(folder: Path, content: bytes, name: str = "route") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_reads_the_reference_course_as_the_watch_measured_it():
    route, watch = read_route(ROUTES / "v01_course.gpx"), watch_table()
    assert route.start == datetime(2023, 3, 8, 19, 37, 40, tzinfo=UTC)
    np.testing.assert_array_equal(route.time_s, watch.elapsed_seconds)
    np.testing.assert_allclose(route.altitude_m, watch.elevation_gpx, atol=1e-6)
    assert route.distance_m[-1] == pytest.approx(watch.distance.iloc[-1], rel=0.015)
    assert np.median(route.cadence_spm) == 2 * 82
    moving = watch.enhanced_speed > 2
    assert np.median(np.abs(route.speed_mps - watch.enhanced_speed)[moving]) < 0.25
    assert route.altitude_source == "unknown"


def test_gpx_values_by_hand(tmp_path: Path):
    values = "<x:speed>3.5</x:speed><x:cad>80</x:cad>"
    extra = f"<extensions><x:TrackPointExtension>{values}</x:TrackPointExtension></extensions>"
    route = read_route(
        saved(tmp_path, gpx([point(i, extra=extra) for i in range(30)], "Forerunner 945 with Barometer"))
    )
    assert route.altitude_source == "barometer"
    np.testing.assert_array_equal(route.speed_mps, 3.5)
    np.testing.assert_array_equal(route.cadence_spm, 160)
    # a degree of latitude on a sphere of 6371.0088 km is 111.19508 km
    assert route.distance_m[-1] == pytest.approx(29 * 11.119508, rel=1e-5)


def test_speed_comes_from_positions_where_the_gpx_has_none(tmp_path: Path):
    route = read_route(saved(tmp_path, gpx([point(i) for i in range(30)])))
    np.testing.assert_allclose(route.speed_mps, 11.119508, rtol=1e-4)
    assert np.isnan(route.cadence_spm).all()


def test_fit_values_by_hand(tmp_path: Path):
    records = run_records(
        60, speed_mps=3.1, enhanced_speed_mps=3.125, enhanced_altitude_m=250.2, fractional_cadence_rpm=0.5
    )
    content = fit_activity(records, start_unix_s=1_714_557_600, barometer=True)
    with fitdecode.FitReader(content, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        records = [f for f in reader if isinstance(f, fitdecode.FitDataMessage) and f.name == "record"]
    assert len(records) == 60
    route = read_route(saved(tmp_path, content, "run.dat"))
    assert route.start == datetime(2024, 5, 1, 10, 0, tzinfo=UTC)
    assert (route.altitude_source, route.name) == ("barometer", "run.dat")
    np.testing.assert_allclose(route.distance_m, 3.0 * np.arange(60))
    np.testing.assert_allclose(route.altitude_m, 250.2)
    np.testing.assert_allclose(route.speed_mps, 3.125)
    np.testing.assert_allclose(route.cadence_spm, 2 * 82.5)


def test_fit_without_distance_is_measured_by_its_positions(tmp_path: Path):
    degree = 2**31 / 180
    records = [
        {"t_s": i, "altitude_m": 100, "latitude_semicircles": round(i * 1e-4 * degree), "longitude_semicircles": 0}
        for i in range(30)
    ]
    route = read_route(saved(tmp_path, fit_activity(records)))
    assert route.distance_m[-1] == pytest.approx(29 * 11.119508, rel=1e-4)
    assert route.altitude_source == "unknown"


def test_a_pause_in_the_fixes_and_repeated_stamps_are_normal(tmp_path: Path):
    records = run_records(100)
    records = [*records[:40], records[39], *({**record, "t_s": record["t_s"] + 60} for record in records[40:])]
    route = read_route(saved(tmp_path, fit_activity(records)))
    assert route.time_s.size == 100
    assert np.diff(route.time_s).max() == 61


GOOD_GPX, GOOD_FIT = gpx([point(i) for i in range(40)]), fit_activity(run_records(40))
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><gpx><trk><name>&j;</name></trk></gpx>"
)
BROKEN = {
    "empty": (b"", "empty"),
    "text": (b"dear diary", "neither GPX nor FIT"),
    "binary": (bytes(range(256)) * 8, "neither GPX nor FIT"),
    "table": (b"t_s,ax,ay,az\n0,0,0,1\n", "neither GPX nor FIT"),
    "tcx": (b'<?xml version="1.0"?><TrainingCenterDatabase/>', "TCX"),
    "gzip": (gzip.compress(GOOD_GPX), "unpack"),
    "entities": (ENTITIES, "entities"),
    "torn gpx": (GOOD_GPX[:-60], "damaged"),
    "torn fit": (GOOD_FIT[:-60], "damaged or cut off"),
    "fit header only": (GOOD_FIT[:14], "damaged or cut off"),
    "flipped bit": (GOOD_FIT[:200] + bytes([GOOD_FIT[200] ^ 1]) + GOOD_FIT[201:], "damaged or cut off"),
    "fit without records": (fit_activity([]), "no track points"),
    "gpx without points": (gpx([]), "no track points"),
    "one point": (gpx([point(0)]), "fewer than two"),
    "one record": (fit_activity(run_records(1)), "fewer than two"),
    "no time": (gpx([point(i, time="") for i in range(40)]), "no timestamps"),
    "no time in fit": (fit_activity([{"distance_m": 3.0 * i, "altitude_m": 1} for i in range(40)]), "no timestamps"),
    "no altitude": (gpx([point(i, altitude="") for i in range(40)]), "no altitude"),
    "no altitude in fit": (fit_activity([{"t_s": i, "distance_m": 3.0 * i} for i in range(40)]), "no altitude"),
    "altitude nan": (gpx([point(i, altitude="<ele>nan</ele>") for i in range(40)]), "no altitude"),
    "half the altitude": (gpx([point(i, altitude="<ele>9</ele>" if i % 3 else "") for i in range(40)][:2] * 1
                              + [point(i, altitude="") for i in range(2, 40)]), "altitude in only"),
    "backward": (gpx([point(i) for i in reversed(range(40))]), "backward"),
    "standing": (fit_activity([{"t_s": i, "distance_m": 1, "altitude_m": 100} for i in range(40)]), "less than 50 m"),
    "by air": (fit_activity([{"t_s": i, "distance_m": 200 * i, "altitude_m": 100} for i in range(40)]), "faster"),
    "nan positions": (gpx([point(i).replace('lon="7.0"', 'lon="nan"') for i in range(40)]), "fewer than two"),
    "bad number": (gpx([point(i).replace('lon="7.0"', 'lon="east"') for i in range(40)]), "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_route_gets_one_sentence(what: str, tmp_path: Path):
    content, reason = BROKEN[what]
    with pytest.raises(RouteError, match=reason) as raised:
        read_route(saved(tmp_path, content, "lake.gpx"))
    sentence = str(raised.value)
    assert sentence.startswith("Cannot use the route lake.gpx: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_what_is_no_readable_file_gets_one_sentence(tmp_path: Path):
    with pytest.raises(RouteError, match="folder"):
        read_route(tmp_path)
    with pytest.raises(RouteError, match="no such file"):
        read_route(tmp_path / "absent.gpx")
    with pytest.raises(RouteError, match="cannot be read"):
        read_route(tmp_path / "a\0b")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(RouteError, match="no ordinary file"):
        read_route(pipe)


@FUZZ
@given(content=st.binary(max_size=300))
def test_any_bytes_are_refused_with_a_sentence(content: bytes, tmp_path: Path):
    with pytest.raises(RouteError):
        read_route(saved(tmp_path, content))


@FUZZ
@given(data=st.data(), original=st.sampled_from([GOOD_GPX, GOOD_FIT]), mend=st.booleans())
def test_a_mutated_route_is_read_or_refused_with_a_sentence(data, original: bytes, mend: bool, tmp_path: Path):
    content = bytearray(original)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    if mend and original is GOOD_FIT and len(content) == len(original):
        content[-2:] = crc16(bytes(content[:-2])).to_bytes(2, "little")
    path = saved(tmp_path, bytes(content))
    try:
        route = read_route(path)
    except RouteError:
        return
    assert (np.diff(route.time_s) > 0).all()
    assert (np.diff(route.distance_m) >= 0).all()
    assert np.isfinite(route.speed_mps).all()


@FUZZ
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 120), st.integers(0, 900), st.integers(-500, 9000), st.integers(0, 254)),
        min_size=2,
        max_size=50,
        unique_by=lambda row: row[0],
    )
)
def test_what_is_written_as_fit_is_read(rows: list[tuple[int, int, int, int]], tmp_path: Path):
    time, along, altitude, cadence = (np.array(column, dtype=float) for column in zip(*sorted(rows), strict=True))
    along = np.sort(along)
    records = [
        {"t_s": t, "distance_m": x, "altitude_m": z, "cadence_rpm": c}
        for t, x, z, c in zip(time, along, altitude, cadence, strict=True)
    ]
    path = saved(tmp_path, fit_activity(records))
    length_m, duration_s = along[-1] - along[0], time[-1] - time[0]
    believable = np.abs(altitude - 4250) < 4750
    if length_m < 50 or length_m > 12.5 * duration_s or believable.mean() < 0.5:
        with pytest.raises(RouteError):
            read_route(path)
        return
    route = read_route(path)
    np.testing.assert_allclose(route.time_s, time - time[0])
    np.testing.assert_allclose(route.distance_m, along - along[0], atol=1e-6)
    np.testing.assert_allclose(route.altitude_m[believable], altitude[believable], atol=1e-6)


def test_cadence_of_one_leg_is_doubled_and_of_both_feet_kept():
    one_leg = np.array([0, 80, 82.5, 84, np.nan])
    np.testing.assert_array_equal(steps_of_both_feet(one_leg), [0, 160, 165, 168, np.nan])
    np.testing.assert_array_equal(steps_of_both_feet(one_leg * 2), [0, 160, 165, 168, np.nan])
    assert np.isnan(steps_of_both_feet(np.zeros(4))).all()


def test_haversine_against_known_distances():
    # a quarter of a great circle; and Paris (48.8566, 2.3522) to London (51.5074, -0.1278), 343.5 km on the sphere
    quarter = haversine_m(np.array([0.0, 90.0]), np.array([0.0, 0.0]))
    assert quarter[0] == pytest.approx(6_371_008.8 * np.pi / 2)
    assert haversine_m(np.array([48.8566, 51.5074]), np.array([2.3522, -0.1278]))[0] == pytest.approx(343_556, rel=1e-3)
