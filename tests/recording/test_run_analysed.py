"""A run file is analysed as the samples that went into it, with what it says of its sensor."""

from dataclasses import replace

import numpy as np
import pytest

from surefoot.analysis import analyze
from surefoot.recording import read_recording
from surefoot.recording.framing import FrameType, write_frame
from surefoot.recording.payloads import facts_payload
from surefoot.recording.samples import Recording
from surefoot.settings import Settings
from tests.rig.made_runs import START, MadeRun, live_file, made_run
from tests.rig.sample_file import raw_samples
from tests.rig.script import FOREFOOT, Stretch
from tests.rig.virtual_runner import build


@pytest.fixture(scope="module")
def runner() -> tuple[MadeRun, Recording]:
    """The packets of a run of 40 s at 500 Hz, and its samples without any packet."""
    true = build([Stretch("stand", 8), Stretch("run", 32)], FOREFOOT, seed=4)
    rate_hz = round(1 / float(np.median(np.diff(true.t_s))))
    values = raw_samples(true.accel_g, true.gyro_dps).astype(np.int16)
    start = replace(START, rate_hz=rate_hz)
    made = made_run(len(values) / rate_hz, float(rate_hz), start=start)
    packets = [
        replace(packet, body=values[packet.index : packet.index + packet.count].astype(">i2").tobytes())
        if packet.kind == 0
        else packet
        for packet in made.packets
    ]
    direct = Recording(
        t_s=np.arange(len(values)) / rate_hz, accel_g=values[:, :3] / 2048, gyro_dps=values[:, 3:] / 16.4
    )
    return replace(made, packets=packets, values=values), direct


def test_the_strides_are_those_of_the_samples(tmp_path, runner):
    run, direct = runner
    path = tmp_path / "a.run"
    said = facts_payload({"side": "right", "sensor_height_m": 0.2})
    path.write_bytes(live_file(run) + write_frame(FrameType.SETTINGS, said))
    from_file = analyze(read_recording(path))
    expected = analyze(direct, Settings(side="right", sensor_height_m=0.2))
    assert len(expected.strides) > 30
    assert len(from_file.strides) == len(expected.strides)
    for name, atol in (("contact_s", 0.002), ("stride_time_s", 0.002), ("shock_axial_g", 0.02), ("speed_mps", 0.01)):
        np.testing.assert_allclose(from_file.strides[name], expected.strides[name], atol=atol, err_msg=name)
    quality = from_file.quality
    assert (quality.side, quality.side_given) == ("right", True)
    assert (quality.sensor_height_m, quality.sensor_height_given) == (0.2, True)


def test_the_command_line_goes_before_the_file(tmp_path, runner):
    run, _ = runner
    path = tmp_path / "a.run"
    said = facts_payload({"side": "right", "sensor_height_m": 0.2})
    path.write_bytes(live_file(run) + write_frame(FrameType.SETTINGS, said))
    quality = analyze(read_recording(path), Settings(side="left", sensor_height_m=0.12)).quality
    assert (quality.side, quality.sensor_height_m) == ("left", 0.12)
