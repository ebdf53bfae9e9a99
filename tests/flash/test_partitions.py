"""The partition tables: bytes as Espressif's own generator makes them, and tables that no board could use."""

import contextlib
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.flash.partitions import PartitionError, check, encode, parse

TABLES = Path(__file__).parents[2] / "firmware" / "partitions"

# SHA-256 of what the ESP-IDF's gen_esp32part (1.5, in the package esp-idf-defs 0.1.7) makes of the same files.
ESPRESSIF = {
    4: "d0288575b103984000ddf61d8040490e47a8146137451565871f5fa0d50463b5",
    8: "defc3d2b4f3a3cfa1624e6764aa8333020bd83ff368e1492ceb69f273dfdb170",
    16: "0ef4409d8c0f7995d212cf2570c204f011d5c990c97dded810cb3280ff8ff416",
}


def table(megabytes: int) -> str:
    return (TABLES / f"{megabytes}MB.csv").read_text()


@pytest.mark.parametrize("megabytes", ESPRESSIF)
def test_the_bytes_are_those_of_espressifs_generator(megabytes):
    partitions = parse(table(megabytes))
    check(partitions, megabytes << 20)
    assert hashlib.sha256(encode(partitions)).hexdigest() == ESPRESSIF[megabytes]


def test_an_entry_by_hand():
    (partition,) = parse("factory, app, factory, 0x10000, 2162688")
    entry = bytes.fromhex(
        "aa50 00 00 00000100 00002100 666163746f72790000000000000000000000 0000 00000000".replace(" ", "")
    )
    whole = encode([partition])
    assert whole[:32] == entry[:32]
    assert whole[32:48] == b"\xeb\xeb" + b"\xff" * 14
    assert whole[48:64] == hashlib.md5(entry[:32]).digest()
    assert len(whole) == 3072 and set(whole[64:]) == {0xFF}


@pytest.mark.parametrize("megabytes", ESPRESSIF)
def test_the_runs_take_all_that_is_left_in_whole_blocks(megabytes):
    partitions = {partition.name: partition for partition in parse(table(megabytes))}
    assert partitions["runs"].end == megabytes << 20
    assert partitions["runs"].size % 4096 == 0
    # MicroPython's own place for the program, which its image expects.
    assert (partitions["factory"].offset, partitions["nvs"].offset) == (0x10000, 0x9000)


def test_a_table_for_more_flash_is_refused():
    with pytest.raises(PartitionError, match="'runs' ends behind the 4 MB"):
        check(parse(table(8)), 4 << 20)


@pytest.mark.parametrize(
    ("csv", "why"),
    [
        ("nvs, data, nvs, 0x9000", "is not name"),
        ("nvs, data, nvs, here, 0x6000", "is not name"),
        ("nvs, data, factory, 0x9000, 0x6000", "not known"),
        ("a-name-of-16-byte, data, nvs, 0x9000, 0x6000", "not known"),
        ("nvs, data, nvs, 0x9000, 0x6000\nphy, data, phy, 0xe000, 0x1000", "'phy' lies over"),
        ("nvs, data, nvs, 0x8000, 0x1000", "'nvs' lies over"),
        ("nvs, data, nvs, 0x9800, 0x1000", "begin or end"),
        ("nvs, data, nvs, 0x9000, 0", "begin or end"),
        ("app, app, factory, 0x19000, 0x1000", "begin or end"),
        ("runs, data, undefined, 0x9000, 0x1000\nruns, data, undefined, 0xa000, 0x1000", "there twice"),
    ],
)
def test_what_no_board_could_use_is_refused(csv, why):
    with pytest.raises(PartitionError, match=why):
        check(parse(csv), 4 << 20)


@given(csv=st.text(max_size=200))
def test_any_text_is_a_table_or_an_error(csv):
    with contextlib.suppress(PartitionError):
        partitions = parse(csv)
        check(partitions, 4 << 20)
        encode(partitions)
