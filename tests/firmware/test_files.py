"""Small files: whole or not at all, whatever stands in the slots and whenever the power goes."""

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pod.life.files import SmallFile

from tests.rig.interpreter import run


@pytest.fixture
def path(tmp_path) -> str:
    return str(tmp_path / "file")


def slot(generation: int, data: bytes) -> bytes:
    """A slot written by hand: magic, layout, generation, length, data, CRC-32."""
    whole = bytes([0x5F, 1]) + struct.pack("<HH", generation, len(data)) + data
    return whole + struct.pack("<I", zlib.crc32(whole))


def test_nothing_was_saved(path):
    file = SmallFile(path)
    assert file.load() is None
    assert file.damaged == 0


def test_what_was_saved_last_is_read(path):
    file = SmallFile(path)
    for data in (b"", b"one", b"two" * 900, b"three"):
        assert file.save(data)
        assert SmallFile(path).load() == data


def test_the_same_again_is_not_written(path):
    SmallFile(path).save(b"same")
    before = Path(path + ".0").read_bytes()
    assert SmallFile(path).save(b"same")
    assert Path(path + ".0").read_bytes() == before
    assert not Path(path + ".1").exists()


@pytest.mark.parametrize(("first", "second", "newer"), [(0, 1, b"b"), (7, 6, b"a"), (65535, 0, b"b"), (0, 65535, b"a")])
def test_the_newer_slot_counts_across_the_wrap(path, first, second, newer):
    Path(path + ".0").write_bytes(slot(first, b"a"))
    Path(path + ".1").write_bytes(slot(second, b"b"))
    file = SmallFile(path)
    assert file.load() == newer
    assert file.save(b"c")
    assert file.load() == b"c"


@pytest.mark.parametrize("at", range(13))
@pytest.mark.parametrize("bit", [0, 3, 7])
def test_a_flipped_bit_anywhere_leaves_the_other_slot(path, at, bit):
    Path(path + ".0").write_bytes(slot(4, b"old"))
    damaged = bytearray(slot(5, b"new"))
    damaged[at] ^= 1 << bit
    Path(path + ".1").write_bytes(damaged)
    file = SmallFile(path)
    assert file.load() == b"old"
    assert file.damaged == 1


@given(first=st.binary(max_size=200), second=st.binary(max_size=200), data=st.binary(max_size=200))
def test_garbage_is_never_taken_and_never_in_the_way(tmp_path_factory, first, second, data):
    path = str(tmp_path_factory.mktemp("garbage") / "file")
    Path(path + ".0").write_bytes(first)
    Path(path + ".1").write_bytes(second)
    file = SmallFile(path)
    assert file.load() is None
    assert file.damaged == 2
    assert file.save(data)
    assert SmallFile(path).load() == data


def test_a_file_system_that_refuses_is_told(tmp_path):
    file = SmallFile(str(tmp_path / "no" / "such" / "folder"))
    assert not file.save(b"data")
    assert file.load() is None


@pytest.mark.parametrize(("what", "length", "step"), [("small", 60, 1), ("record", 60, 1), ("small", 1500, 31)])
def test_the_power_may_go_at_any_byte_of_littlefs(what, length, step):
    """The old content or the new, and it goes on. Short files lie in littlefs's directory, long ones in blocks."""
    check_cuts(run("life_files.py", what, length, step, heap_kb=1024))


@pytest.mark.soak
def test_the_power_may_go_at_any_byte_of_a_long_file():
    check_cuts(run("life_files.py", "small", 1500, 1, heap_kb=1024))


def check_cuts(cuts):
    assert len(cuts) >= 50
    assert all(cut["old"] != cut["new"] for cut in cuts)
    assert all(cut["goes_on"] for cut in cuts)
    assert cuts[0]["old"] and cuts[-1]["new"] and cuts[-1]["finished"]
    assert not any(cut["finished"] for cut in cuts[:-1])
