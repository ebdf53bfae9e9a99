"""The fuzzer of run files, shortly; and that it finds what it is for."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]


def fuzz(folder, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz.fuzz_run_file", *options, f"-artifact_prefix={folder}/", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE)


def test_some_inputs(tmp_path):
    done = fuzz(tmp_path, "-runs=60", "-seed=1")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done 60 runs" in done.stderr


def test_a_planted_fault_is_found(tmp_path):
    done = fuzz(tmp_path, "-runs=20000", "-seed=1", "--planted")
    assert done.returncode != 0
    assert "unpack requires a buffer of 9 bytes" in done.stderr + done.stdout
    assert list(tmp_path.glob("crash-*"))


@pytest.mark.soak
def test_ten_minutes(tmp_path):
    """In ten parts, each going on from what the others found: instrumented comparisons of arrays never free them."""
    for part in range(10):
        done = fuzz(tmp_path, "-max_total_time=60", f"-seed={part + 2}")
        assert done.returncode == 0, done.stderr[-3000:]
