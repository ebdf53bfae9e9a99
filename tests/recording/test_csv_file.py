"""A CSV recording is read as it was written, or refused in words; never anything else."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from surefoot.errors import RecordingError
from surefoot.recording import read_recording
from surefoot.recording.csv_file import read_csv
from surefoot.recording.samples import Recording

COLUMNS = ("t_s", "ax", "ay", "az", "gx", "gy", "gz")
HEADER = ",".join(COLUMNS) + "\n"
GOOD = (HEADER + "".join(f"{k / 200:.4f},0.1,{k},-0.25,{-k},2.5e1,0\n" for k in range(40))).encode()

quick = settings(max_examples=120, deadline=None)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


def _written(place: Path, content: bytes, name: str = "run.csv") -> Path:
    (place / name).write_bytes(content)
    return place / name


def _read_or_refused(place: Path, content: bytes, name: str = "run.csv") -> Recording | None:
    """Return what was read, or None where it was refused; what is read keeps the promises of `Recording`."""
    try:
        recording = read_csv(_written(place, content, name))
    except RecordingError as error:
        assert error.why
        assert error.next_step
        assert "\n" not in str(error)
        return None
    n = len(recording.t_s)
    assert n >= 2
    assert recording.t_s[0] == 0
    assert (np.diff(recording.t_s) > 0).all()
    assert recording.accel_g.shape == recording.gyro_dps.shape == (n, 3)
    for values in (recording.t_s, recording.accel_g, recording.gyro_dps):
        assert values.dtype == np.float64
        assert np.isfinite(values).all()
    return recording


@quick
@given(st.binary(max_size=300))
@example(b"\xef\xbb\xbf" + GOOD)
@example(HEADER.encode() * 3)
def test_any_bytes_are_read_or_refused(place: Path, content: bytes) -> None:
    _read_or_refused(place, content)


@quick
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_as_gzip(place: Path, content: bytes, packed: bool) -> None:
    _read_or_refused(place, gzip.compress(content) if packed else content, "run.csv.gz")


@quick
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=8), st.integers(0, 30))
def test_a_damaged_file_is_read_or_refused(place: Path, at: int, instead: bytes, removed: int) -> None:
    _read_or_refused(place, GOOD[:at] + instead + GOOD[at + removed :])


@quick
@given(st.integers(0, len(GOOD)))
def test_a_file_cut_short_is_read_or_refused(place: Path, at: int) -> None:
    recording = _read_or_refused(place, GOOD[:at])
    if recording is not None:
        assert len(recording.t_s) <= 40


table = st.integers(2, 60).flatmap(
    lambda n: st.tuples(
        hnp.arrays(np.float64, n, elements=st.floats(1e-3, 10)),
        hnp.arrays(np.float64, (n, 6), elements=st.floats(-2000, 2000, width=32)),
        st.floats(0, 1e4),
    )
)


@quick
@given(table, st.permutations(COLUMNS))
def test_what_was_written_is_read(place: Path, rows: tuple[np.ndarray, np.ndarray, float], order: list[str]) -> None:
    """To the last bit, whatever the order of the columns; time counts from the first sample."""
    steps_s, samples, start_s = rows
    t_s = start_s + np.cumsum(steps_s)
    columns = dict(zip(COLUMNS, [t_s, *samples.T], strict=True))
    lines = [",".join(order), *(",".join(repr(float(columns[name][k])) for name in order) for k in range(len(t_s)))]
    recording = _read_or_refused(place, ("\n".join(lines) + "\n").encode())
    assert recording is not None
    assert np.array_equal(recording.t_s, t_s - t_s[0])
    assert np.array_equal(recording.accel_g, samples[:, :3])
    assert np.array_equal(recording.gyro_dps, samples[:, 3:])
    assert recording.conditions == ()


def _lines(*rows: str) -> bytes:
    return (HEADER + "\n".join(rows) + "\n").encode()


def test_rows_that_cannot_be_used_are_left_out_and_counted(place: Path) -> None:
    recording = read_csv(
        _written(
            place,
            _lines(
                "10.00,0,1,0,1,2,3",
                "10.01,nan,1,0,1,2,3",
                "10.02,,1,0,1,2,3",
                "10.03,0,1,0,4,5,6",
                "10.03,0,2,0,7,7,7",
                "10.04,0,1,0,7,8,9",
                *(f"10.{k},0,1,0,7,8,9" for k in range(10, 60)),
                "10.59,0,1,0,7,8,9",
                "10.20,0,3,0,7,8,9",
                "10.60,0,1,0,7,8,9",
            ),
        )
    )
    assert {c.code: c.count for c in recording.conditions} == {"nan": 2, "duplicated_time": 2, "backward_time": 1}
    assert all(str(c.count) in c.sentence for c in recording.conditions)
    assert recording.t_s[:3] == pytest.approx([0.0, 0.03, 0.04])
    assert recording.t_s[-1] == pytest.approx(0.60)
    assert len(recording.t_s) == 3 + 50 + 1
    assert recording.gyro_dps[:3].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert (recording.accel_g[:, 1] == 1).all()


def test_extra_columns_and_windows_line_ends_do_no_harm(place: Path) -> None:
    text = GOOD.decode().splitlines()
    plain = read_csv(_written(place, GOOD))
    wider = "\r\n".join([f"mark,{text[0]}", *(f"lap {k},{line}" for k, line in enumerate(text[1:]))]) + "\r\n"
    other = read_csv(_written(place, wider.encode()))
    assert np.array_equal(plain.accel_g, other.accel_g)
    assert np.array_equal(plain.gyro_dps, other.gyro_dps)
    assert np.array_equal(plain.t_s, other.t_s)


def test_the_ending_names_the_reader(place: Path) -> None:
    assert len(read_recording(_written(place, GOOD, "RUN.CSV")).t_s) == 40
    assert len(read_recording(_written(place, gzip.compress(GOOD), "run.Csv.Gz")).t_s) == 40
    assert read_recording(_written(place, GOOD, "a run.csv")).name == "a run.csv"
    with pytest.raises(RecordingError, match="kind is unknown"):
        read_recording(_written(place, GOOD, "run.txt"))


def test_a_row_torn_off_at_the_end_costs_only_itself(tmp_path):
    whole = "t_s,ax,ay,az,gx,gy,gz\n" + "".join(f"{k / 200:.3f},0.1,0.9,0,1,2,3\n" for k in range(50))
    path = tmp_path / "run.csv"
    path.write_text(whole + "0.250,0.1,0.9")
    recording = read_csv(path)
    assert len(recording.t_s) == 50
    assert [condition.code for condition in recording.conditions] == ["truncated"]
