"""The watcher of the six faces: what it takes, what it does not, and what it says meanwhile."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from surefoot.selftest.bench import Enough
from surefoot.selftest.calibration import FACES
from surefoot.selftest.faces import FaceWatch, Seen
from surefoot.selftest.six_faces import _watching
from surefoot.wire.packets import Packet, sample_packet
from surefoot.wire.records import Start
from tests.rig.bench_story import Silent
from tests.rig.made_packets import start_packet
from tests.rig.table import ASKEW, Imperfect, at_rest, laid, tilted
from tests.rig.table import FACES as DIRECTIONS

RATE_HZ = 500


def watched(watch: FaceWatch, poses: list[np.ndarray], each_s: float, sensor: Imperfect | None = None) -> list[Seen]:
    """What it said, packet by packet."""
    raw = (sensor or Imperfect()).reads(*laid(poses, each_s, RATE_HZ), np.random.default_rng(3)).astype(float)
    values = np.hstack([raw[:, :3] / 2048, raw[:, 3:] / 16.4])
    said = []
    for at in range(0, len(values), 19):
        watch.take(values[at : at + 19])
        said.append(watch.state.seen)
    return said


def faces(*numbers: int, tilt_deg: float = 4.0) -> list[np.ndarray]:
    return [tilted(DIRECTIONS[at], tilt_deg, 70.0 * at) for at in numbers]


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5), (5, 0, 3, 4, 1, 2)])
def test_any_order_and_the_means_are_right(order: tuple[int, ...]) -> None:
    watch = FaceWatch(RATE_HZ)
    poses = faces(*order, tilt_deg=12.0)
    sensor = Imperfect(offset_g=(0.04, -0.03, 0.07), scale=(0.02, -0.02, 0.01))
    watched(watch, [*poses, *(np.array(pose) for pose in ASKEW)], 2.6, sensor)
    assert watch.is_complete
    assert list(watch.poses) == [FACES[at] for at in order]
    for at, pose in zip(order, poses, strict=True):
        found = watch.poses[FACES[at]]
        truth = pose * (1 + np.array(sensor.scale)) + sensor.offset_g
        assert np.all(np.abs(found.mean_g - truth) < 5 * found.error_g)
        # 5.4 mg over 1,000 samples is 0.17 mg; stated with a quarter more
        assert found.error_g == pytest.approx([0.17e-3 * 1.25] * 3, rel=0.1)


def test_a_face_that_was_done_is_said_and_not_taken_again() -> None:
    watch = FaceWatch(RATE_HZ)
    said = watched(watch, faces(0, 2, 0), 2.6)
    assert list(watch.poses) == ["X up", "Y up"]
    assert said[-1] == Seen.DONE_BEFORE
    assert watch.state.left == ("X down", "Y down", "Z up", "Z down")


def test_a_pod_on_its_edge_is_no_face() -> None:
    watch = FaceWatch(RATE_HZ)
    assert watched(watch, [np.array([0.7, 0.0, 0.714])], 3.0)[-1] == Seen.EDGE
    assert not watch.poses


def test_a_pod_that_is_moved_within_the_two_seconds_is_not_taken() -> None:
    watch = FaceWatch(RATE_HZ)
    said = watched(watch, faces(0, 2, 1, 3), 1.8)
    assert not watch.poses
    assert Seen.TAKEN not in said
    assert {Seen.MOVING, Seen.STILL} <= set(said)


def test_a_pod_in_the_hand_is_not_taken() -> None:
    """It turns by some degrees a second, and its attitude wanders."""
    at_s = np.arange(3000) / RATE_HZ
    way = np.radians(3 * np.sin(2 * np.pi * 0.7 * at_s))
    values = np.column_stack([np.cos(way), np.sin(way), 0 * way, 0 * way, 0 * way, np.degrees(np.gradient(way, at_s))])
    watch = FaceWatch(RATE_HZ)
    for at in range(0, len(values), 19):
        watch.take(values[at : at + 19])
    assert not watch.poses


def test_no_pose_spans_a_gap() -> None:
    watch = FaceWatch(RATE_HZ)
    for _ in range(10):
        watched(watch, faces(4), 1.0)
        watch.gap()
    assert not watch.poses


@pytest.mark.parametrize("lost", [False, True])
def test_a_pose_ends_where_packets_are_lost(lost: bool) -> None:
    """1.9 s and 1.9 s on one face, with a packet between them that did not come: neither makes a pose."""
    start = Start.from_bytes(start_packet(1)[16:])
    start = Start(**{**vars(start), "rate_hz": RATE_HZ, "accel_range_g": 16, "gyro_range_dps": 2000})
    counts = at_rest(Imperfect(), 3.838, RATE_HZ).astype(np.int16)
    watch = FaceWatch(RATE_HZ)
    on_packet = _watching(watch, start, Silent())
    for number, at in enumerate(range(0, len(counts) - 18, 19)):
        if not (lost and number == 50):
            asyncio.run(_told(on_packet, sample_packet(counts[at : at + 19], number, at, 2000 * (at + 19))))
    assert (list(watch.poses) == []) is lost


async def _told(on_packet: Enough, packet: Packet) -> None:
    await on_packet(packet)


def test_what_lies_as_before_is_no_fresh_pose() -> None:
    watch = FaceWatch(RATE_HZ)
    watched(watch, faces(0, 1, 2, 3, 4, 5), 2.6)
    assert len(watch.poses) == 6
    said = watched(watch, faces(5), 4.0)
    assert watch.fresh == []
    assert said[-1] in (Seen.SAME_AGAIN, Seen.TAKEN)
    watched(watch, [faces(5)[0], np.array(ASKEW[0])], 2.6)
    assert len(watch.fresh) == 1


def test_a_face_again_is_no_fresh_pose() -> None:
    """Six poses make six unknowns: on a face once more whatever was found makes 1 g."""
    watch = FaceWatch(RATE_HZ)
    said = watched(watch, [*faces(0, 1, 2, 3, 4, 5), *faces(0, 2, tilt_deg=0.0)], 2.6)
    assert len(watch.poses) == 6
    assert watch.fresh == []
    assert said[-1] == Seen.FACE_AGAIN
    # 31 degrees from the face: just none, but as that face lay
    poses = [tilted(DIRECTIONS[at], 29.0, 70.0 * at) for at in range(6)]
    watch = FaceWatch(RATE_HZ)
    said = watched(watch, [*poses, tilted(DIRECTIONS[1], 32.0, 70.0)], 2.6)
    assert len(watch.poses) == 6
    assert (watch.fresh, said[-1]) == ([], Seen.SAME_AGAIN)


def test_two_fresh_poses_are_two() -> None:
    watch = FaceWatch(RATE_HZ)
    askew = [np.array(pose) for pose in ASKEW]
    near = tilted(ASKEW[0], 15.0, 0.0)
    watched(watch, [*faces(0, 1, 2, 3, 4, 5), askew[0], near, faces(5)[0], askew[0]], 2.6)
    assert len(watch.fresh) == 1
    watched(watch, [askew[1]], 2.6)
    assert watch.is_complete


def test_what_reads_no_rest_is_not_taken() -> None:
    """1.6 g, and steady: a pod on a turntable."""
    watch = FaceWatch(RATE_HZ)
    assert watched(watch, [np.array([0.0, 0.0, 1.6])], 3.0)[-1] == Seen.NO_REST
    assert not watch.poses
