"""The virtual runner against the recordings it is made of, and against plain physics."""

from __future__ import annotations

import gpxpy
import numpy as np
import pandas as pd
import pytest
from scipy.spatial.transform import Rotation

from tests.recordings import TREADMILL
from tests.rig.gait_bout import stride_motion
from tests.rig.gait_schedule import Schedule
from tests.rig.gpx_file import write_gpx
from tests.rig.mounting import PERFECT, Mounting, Sensor, Slip
from tests.rig.plain_strapdown import strapdown
from tests.rig.route import Watch
from tests.rig.script import FOREFOOT, FOREFOOT_CLEAN, REARFOOT, Stretch
from tests.rig.shin_kinematics import angle_rates, angles_of, attitude, body_rates, lever, specific_force_g
from tests.rig.stride_bank import ACCELERATION, ANGLES, RATES, sensor_offset_m, treadmill_gait
from tests.rig.virtual_runner import VirtualRun, build, write_csv

STANDING = Stretch("stand", 4)


def path_between(run: VirtualRun, velocity: np.ndarray, start_s: float, end_s: float) -> tuple[float, float]:
    """Horizontal distance and rise between two times."""
    path = np.cumsum(velocity, axis=0) * run.t_s[1]
    moved = np.array(
        [np.interp(end_s, run.t_s, path[:, i]) - np.interp(start_s, run.t_s, path[:, i]) for i in range(3)]
    )
    return float(np.hypot(moved[0], moved[2])), float(moved[1])


@pytest.mark.parametrize("name", ["rbds001_35_R_down08", "rbds001_35_R_down15", "rbds001_35_R_up06"])
def test_a_grade_reproduces_the_recordings_with_turned_gravity(name: str) -> None:
    gait = treadmill_gait("rbds001_35_R")
    recording = TREADMILL[name]
    t_s, accel_g, gyro_dps = recording.shin_samples(200)
    slope = np.array([np.arctan(recording.grade)])
    one = Schedule(
        gait.contact_s[20:21],
        gait.stride_time_s[20:21],
        gait.contact_share[20:21],
        picks=np.array([[20]]),
        weights=np.ones((1, 1)),
        scale=np.ones((1, 4)),
        slope_rad=slope,
        lean_rad=slope,
        placed=np.array([0]),
    )
    inner_s = np.arange(500, 14000) / 500
    motion = stride_motion((gait,), one, np.zeros(len(inner_s), dtype=int), inner_s)
    matrix, body = attitude(motion[:, ANGLES]), body_rates(motion[:, ANGLES], motion[:, RATES])
    acceleration = motion[:, ACCELERATION] + lever(matrix, body, sensor_offset_m(0.145), 500)[1]
    built_g, built_dps = specific_force_g(matrix, acceleration), np.degrees(body)
    at = np.round((t_s - inner_s[0]) * 500).astype(int)
    shared = np.isclose(inner_s[0] + at / 500, t_s) & (at >= 10) & (at < len(inner_s) - 10)
    error_g = built_g[at[shared]] - accel_g[shared]
    # One degree of heading, which level running does not fix better, is 0.0026 g at a grade of 15 %.
    assert np.abs(error_g.mean(axis=0)).max() < 0.003
    assert error_g.std(axis=0).max() < 0.002
    assert (built_dps[at[shared]] - gyro_dps[shared]).std(axis=0).max() < 0.1


def test_attitude_and_rates_have_inverses() -> None:
    rng = np.random.default_rng(0)
    angles, body = rng.uniform(-1.2, 1.2, (50, 3)), rng.normal(size=(50, 3))
    matrix = attitude(angles)
    assert np.allclose(angles_of(matrix[:1]), angles[:1])
    assert np.allclose(body_rates(angles, angle_rates(angles, body)), body)
    assert np.allclose(matrix @ matrix.transpose(0, 2, 1), np.eye(3))
    # A shin whose ankle is ahead of the knee: its upward axis leans backward.
    assert attitude(np.radians([[10.0, 0, 0]]))[0, 0, 1] == pytest.approx(-np.sin(np.radians(10)))


@pytest.mark.parametrize(
    ("runner", "speed_mps", "grade", "posture"),
    [
        (FOREFOOT_CLEAN, 2.5, 0.0, "slope"),
        (FOREFOOT_CLEAN, 3.5, -0.14, "plumb"),
        (FOREFOOT, 3.0, -0.10, "slope"),
        (FOREFOOT, 3.2, 0.08, "plumb"),
        (REARFOOT, 3.3, 0.0, "slope"),
    ],
)
def test_plain_integration_finds_speed_and_grade(runner, speed_mps, grade, posture) -> None:
    run = build(
        [STANDING, Stretch("run", 25, speed_mps=speed_mps, grade=grade, posture=posture)], runner, sensor=PERFECT
    )
    _, velocity = strapdown(run)
    start_s, end_s = run.truth.contact_s.iloc[1], run.truth.contact_s.iloc[-1]
    along_m, rise_m = path_between(run, velocity, start_s, end_s)
    assert np.hypot(along_m, rise_m) / (end_s - start_s) == pytest.approx(speed_mps, rel=0.02)
    assert rise_m / along_m == pytest.approx(grade, abs=0.01)
    assert run.truth.speed_mps.mean() == pytest.approx(speed_mps, rel=0.015)
    assert run.truth.grade.to_numpy() == pytest.approx(grade)


def test_each_stride_closes_and_its_path_is_the_truth() -> None:
    run = build([STANDING, Stretch("run", 20)], FOREFOOT, sensor=PERFECT)
    matrix, velocity = strapdown(run)
    truth = run.truth.iloc[1:-1]
    for contact_s, next_s, angle_deg, length_m in truth[
        ["contact_s", "next_contact_s", "shin_angle_deg", "stride_length_m"]
    ].itertuples(index=False):
        at = np.searchsorted(run.t_s, [contact_s, next_s])
        turned = Rotation.from_matrix(matrix[at[0]].T @ matrix[at[1]])
        assert np.degrees(turned.magnitude()) < 8
        assert -np.degrees(np.arcsin(matrix[at[0]][0, 1])) == pytest.approx(angle_deg, abs=3)
        assert path_between(run, velocity, contact_s, next_s)[0] == pytest.approx(length_m, abs=0.06)


def test_joins_leave_no_mark() -> None:
    """No rate or force outside what the recordings themselves hold, and no step from sample to sample."""
    run = build([Stretch("run", 60, speed_mps=3.5)], FOREFOOT_CLEAN, sensor=PERFECT)
    _, accel_g, gyro_dps = TREADMILL["rbds001_35_R"].shin_samples(500)
    within = slice(500, -500)
    for built, recorded in ((run.accel_g[within], accel_g), (run.gyro_dps[within], gyro_dps)):
        assert (np.abs(built).max(axis=0) < 1.12 * np.abs(recorded).max(axis=0)).all()
        assert (np.abs(np.diff(built, axis=0)).max(axis=0) < 1.2 * np.abs(np.diff(recorded, axis=0)).max(axis=0)).all()


def test_contacts_are_where_the_recording_has_them() -> None:
    """The mean landing of a built run lies on the mean landing of the recording."""
    run = build([Stretch("run", 60, speed_mps=3.5)], FOREFOOT_CLEAN, sensor=PERFECT)
    recording = TREADMILL["rbds001_35_R"]
    t_s, accel_g, _ = recording.shin_samples(500)
    lag_s = np.arange(-0.05, 0.2, 0.002)

    def mean_landing(time_s, values, contacts):
        return np.mean([np.interp(c + lag_s, time_s, values) for c in contacts], axis=0)

    built = mean_landing(run.t_s, run.accel_g[:, 0], run.truth.contact_s)
    recorded = mean_landing(t_s, accel_g[:, 0], recording.truth().contact_s[1:-1])
    shifts = [np.sum((np.roll(built, k) - recorded)[10:-10] ** 2) for k in range(-5, 6)]
    assert abs(int(np.argmin(shifts)) - 5) <= 1
    assert np.max(np.abs(built - recorded)) < 0.5


@pytest.mark.parametrize("factor", [0.95, 1.0, 1.08])
def test_cadence_changes_and_speed_stays(factor: float) -> None:
    plain = build([Stretch("run", 40, speed_mps=3.0)], FOREFOOT_CLEAN)
    changed = build([Stretch("run", 40, speed_mps=3.0, cadence_factor=factor)], FOREFOOT_CLEAN)
    assert changed.truth.cadence_spm.mean() / plain.truth.cadence_spm.mean() == pytest.approx(factor, rel=0.005)
    assert changed.truth.speed_mps.mean() == pytest.approx(3.0, rel=0.015)


def test_the_same_arguments_give_the_same_run() -> None:
    script = [STANDING, Stretch("run", 10), Stretch("handling", 5)]
    first, again, other = build(script, seed=4), build(script, seed=4), build(script, seed=5)
    assert np.array_equal(first.accel_g, again.accel_g)
    assert np.array_equal(first.gyro_dps, again.gyro_dps)
    pd.testing.assert_frame_equal(first.truth, again.truth)
    pd.testing.assert_frame_equal(first.route, again.route)
    assert not np.array_equal(first.truth.contact_s, other.truth.contact_s)


@pytest.mark.parametrize("rate_hz", [100.0, 104.0, 200.0, 1000.0])
def test_any_rate_samples_the_same_motion(rate_hz: float) -> None:
    quiet = {"accel_noise_g": 0.0, "gyro_noise_dps": 0.0}
    inner = build([Stretch("run", 10)], sensor=Sensor(rate_hz=500, **quiet))
    run = build([Stretch("run", 10)], sensor=Sensor(rate_hz=rate_hz, **quiet))
    assert len(run.t_s) == round(10 * rate_hz)
    assert np.diff(run.t_s) == pytest.approx(1 / rate_hz)
    pd.testing.assert_frame_equal(run.truth, inner.truth)
    shared = np.isclose(run.t_s * 500, np.round(run.t_s * 500), rtol=0, atol=1e-6) & (run.t_s < 9.95)
    at = np.round(run.t_s[shared] * 500).astype(int)
    assert np.abs(run.accel_g[shared] - inner.accel_g[at]).max() <= 1 / 2048
    assert np.abs(run.gyro_dps[shared] - inner.gyro_dps[at]).max() <= 1 / 16.4


def test_left_is_the_mirror_of_right() -> None:
    right, left = (build([Stretch("run", 10)], mounting=Mounting(side=s), sensor=PERFECT) for s in ("right", "left"))
    step_g, step_dps = 1 / 2048, 1 / 16.4
    assert left.accel_g == pytest.approx(right.accel_g * [1, 1, -1], abs=step_g)
    assert left.gyro_dps == pytest.approx(right.gyro_dps * [-1, -1, 1], abs=step_dps)
    assert set(left.truth.leg) == {"L"}
    # A recorded left leg turns the same way about its length in early stance as the mirrored right one.
    recording = TREADMILL["rbds001_35_L"]
    t_s, _, gyro_dps = recording.shin_samples(200)

    def early(time_s, rate, contacts):
        return np.mean([rate[(time_s > c + 0.02) & (time_s < c + 0.07)].mean() for c in contacts])

    recorded = early(t_s, gyro_dps[:, 1], recording.truth().contact_s)
    assert np.sign(early(left.t_s, left.gyro_dps[:, 1], left.truth.contact_s)) == np.sign(recorded)


def test_upside_down_and_slipped_pods() -> None:
    still = [Stretch("stand", 12)]
    upright = build(still, mounting=Mounting(), sensor=PERFECT)
    flipped = build(still, mounting=Mounting(turned_deg=(180.0, 0, 0)), sensor=PERFECT)
    assert flipped.accel_g.mean(axis=0)[1] == pytest.approx(-upright.accel_g.mean(axis=0)[1], abs=1e-3)
    slipped = build(still, mounting=Mounting(slips=(Slip(6.0, (0, 0, 1), 10.0, over_s=0.5),)), sensor=PERFECT)
    before, after = slipped.t_s < 5.5, slipped.t_s > 7
    assert np.allclose(slipped.accel_g[before], upright.accel_g[before])
    turned = [np.degrees(np.arctan2(*run.accel_g[after].mean(axis=0)[:2])) for run in (slipped, upright)]
    assert turned[0] - turned[1] == pytest.approx(10.0, abs=0.1)
    extra = (slipped.gyro_dps - upright.gyro_dps)[:, 2].sum() / 500
    assert extra == pytest.approx(10.0, abs=0.2)


def test_turning_adds_its_yaw() -> None:
    run = build([STANDING, Stretch("run", 5), Stretch("turn", 3, turn_deg=180), Stretch("run", 5)], sensor=PERFECT)
    _, velocity = strapdown(run)
    along = [velocity[(run.t_s > a) & (run.t_s < b)].mean(axis=0) for a, b in ((6.0, 8.9), (12.2, 15.9))]
    assert np.dot(along[0], along[1]) / np.linalg.norm(along[0]) / np.linalg.norm(along[1]) < -0.97
    assert np.linalg.norm(along[1]) == pytest.approx(3.0, rel=0.1)
    assert run.truth.turning.sum() == pytest.approx(3 / 0.73, abs=1.5)


def test_standing_walking_and_handling_feel_like_it() -> None:
    run = build([Stretch("stand", 10), Stretch("walk", 30, speed_mps=1.4), Stretch("handling", 10)], sensor=PERFECT)
    quiet, held = run.t_s < 9, run.t_s > 41
    assert np.linalg.norm(run.accel_g[quiet], axis=1) == pytest.approx(1.0, abs=0.002)
    assert np.abs(run.gyro_dps[quiet]).max() < 5
    assert np.linalg.norm(run.accel_g[held], axis=1).std() > 0.1
    assert np.abs(run.gyro_dps[held]).max() > 60
    assert list(run.activities.activity) == ["standing", "walking", "other"]
    assert run.truth.cadence_spm.between(85, 130).all()
    assert run.truth.speed_mps.mean() == pytest.approx(1.4, rel=0.03)
    assert set(run.truth.event_source) == {"estimated"}


def test_the_sensor_has_the_steps_limits_and_noise_it_should() -> None:
    run = build([Stretch("run", 5)], sensor=Sensor(accel_range_g=2.0, accel_noise_g=0.0))
    assert np.allclose(run.accel_g * 2048, np.round(run.accel_g * 2048))
    assert run.accel_g.max() == pytest.approx(2.0, abs=0.001)
    still = build([Stretch("stand", 60)], sensor=Sensor(rate_hz=200, gyro_bias_dps=(1.5, 0, 0)))
    noise = np.diff(still.accel_g[:, 2]).std() / np.sqrt(2)
    assert noise == pytest.approx(400e-6 * np.sqrt(100), rel=0.05)
    assert still.gyro_dps[:, 0].mean() == pytest.approx(1.5, abs=0.1)


def test_the_route_goes_where_the_script_says(tmp_path) -> None:
    run = build(
        [STANDING, Stretch("run", 200, speed_mps=3.0), Stretch("run", 100, speed_mps=3.0, grade=-0.1)],
        watch=Watch(started_s=-20.0),
    )
    write_gpx(run.route, tmp_path / "route.gpx", "test")
    track = gpxpy.parse((tmp_path / "route.gpx").read_text()).tracks[0].segments[0]
    assert len(track.points) == 324
    assert track.points[-1].elevation - track.points[0].elevation == pytest.approx(
        -30.0 * np.cos(np.arctan(0.1)), abs=2
    )
    assert track.length_2d() == pytest.approx(900, rel=0.03)
    running = run.route[(run.route.time_s > 20) & (run.route.time_s < 280)]
    assert running.cadence_spm.mean() == pytest.approx(run.truth.cadence_spm.mean(), abs=1)
    assert running.speed_mps.mean() == pytest.approx(3.0, abs=0.02)
    assert (run.route.cadence_spm[run.route.time_s < -5] == 0).all()


def test_a_written_run_reads_back(tmp_path) -> None:
    run = build([Stretch("run", 3)])
    write_csv(run, tmp_path / "run.csv")
    table = pd.read_csv(tmp_path / "run.csv")
    assert list(table.columns) == ["t_s", "ax", "ay", "az", "gx", "gy", "gz"]
    assert np.abs(table[["ax", "ay", "az"]].to_numpy() - run.accel_g).max() < 1e-5
    assert np.abs(table[["gx", "gy", "gz"]].to_numpy() - run.gyro_dps).max() < 1e-4
