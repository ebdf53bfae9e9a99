"""The store in good times: what is written is there, in the format, and room is made in the right order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pod.flash.kept import ENDED, OPEN
from pod.flash.store import RunStore
from pod.wire import packet

from tests.rig.board.nor_flash import NorFlash
from tests.rig.made_packets import end_packet, event_packet, sample_packet, start_packet
from tests.rig.power_history import QuickFlash, RecordingFlash, runs_of
from tests.rig.run_blocks import kept_packets, sequence, used_blocks

SIZE = 1024
"""Bytes of a block here: 3 packets of 19 samples."""


def mounted(flash: NorFlash) -> RunStore:
    store = RunStore(flash, flash.ticks_us)
    store.mount()
    return store


def prepared(flash: NorFlash) -> RunStore:
    store = mounted(flash)
    while store.prepare():
        pass
    return store


def append(store: RunStore, made: bytes) -> bool:
    return store.append(bytearray(made), len(made), sequence(made))


def keep(store: RunStore, run: int, packets: int, ended: bool = True, samples: int = 19) -> list[bytes]:
    """A run of a start, samples and an end; what of it was taken."""
    made = [start_packet(run), *(sample_packet(run, number, samples) for number in range(1, packets - 1))]
    made.append(end_packet(run, packets - 1) if ended else sample_packet(run, packets - 1, samples))
    store.open(run)
    taken = [each for each in made if append(store, each)]
    if ended:
        store.close()
    return taken


def read_all(store: RunStore, run: int) -> list[bytes]:
    into = bytearray(packet.MAX_PACKET)
    found, at = [], store.seek(run, 0)
    while at >= 0:
        length = store.read(run, at, into)
        found.append(bytes(into[:length]))
        at = store.seek(run, at + 1)
    return found


def test_a_run_is_read_as_it_was_written_and_after_a_restart_too() -> None:
    flash = NorFlash(16, SIZE)
    store = prepared(flash)
    taken = keep(store, store.next_run(), 20)
    assert len(taken) == 20
    for each in (store, mounted(flash)):
        assert runs_of(each) == [1]
        assert read_all(each, 1) == taken
        assert each.summary(1) == (ENDED, 20, 500, 6)
        assert each.next_run() == 2
    assert kept_packets(flash.data, SIZE) == {1: taken}


def test_a_packet_is_read_by_its_number_in_any_order() -> None:
    store = prepared(NorFlash(16, SIZE))
    taken = keep(store, 1, 20)
    into = bytearray(packet.MAX_PACKET)
    for number in (19, 0, 7, 6, 8, 8, 3, 19, 4):
        assert bytes(into[: store.read(1, number, into)]) == taken[number]
    assert store.read(1, 20, into) == 0
    assert store.read(2, 0, into) == 0


def test_what_is_read_does_not_wait_for_what_is_written() -> None:
    """A fetch of the run that is being kept."""
    store = prepared(NorFlash(16, SIZE))
    store.open(1)
    into = bytearray(packet.MAX_PACKET)
    for number in range(12):
        made = sample_packet(1, number) if number else start_packet(1)
        assert store.read(1, number, into) == 0
        assert append(store, made)
        assert bytes(into[: store.read(1, number, into)]) == made
    assert store.summary(1)[0] == OPEN


def test_gaps_are_skipped() -> None:
    store = prepared(NorFlash(16, SIZE))
    store.open(1)
    for made in (start_packet(1), sample_packet(1, 5000), sample_packet(1, 5001), sample_packet(1, 70000)):
        assert append(store, made)
    assert store.seek(1, 0) == 0
    assert store.seek(1, 1) == 5000
    assert store.seek(1, 5002) == 70000
    assert store.seek(1, 70001) == -1


def test_nothing_is_written_before_a_block_is_ready() -> None:
    store = mounted(NorFlash(8, SIZE))
    store.open(1)
    assert not store.accepts(packet.SAMPLES)
    assert not append(store, start_packet(1))
    assert runs_of(store) == []


def test_a_full_store_takes_no_samples_but_still_an_event_and_the_end() -> None:
    flash = NorFlash(8, SIZE)
    store = prepared(flash)
    taken = keep(store, 1, 200, ended=False)
    # Six of eight blocks, each with three long packets or, the first one, the short start and three.
    assert len(taken) == 6 * 3 + 1
    assert not store.accepts(packet.SAMPLES)
    assert not append(store, sample_packet(1, 500))
    assert store.accepts(packet.EVENT)
    while append(store, event_packet(1, 501)):
        pass
    assert store.ready() == 1
    assert append(store, end_packet(1, 502))
    assert read_all(store, 1)[: len(taken)] == taken
    assert read_all(store, 1)[-1] == end_packet(1, 502)
    assert not store.prepare()
    assert store.free_permille() == 0


def test_what_is_not_acknowledged_is_never_erased() -> None:
    flash = NorFlash(8, SIZE)
    store = prepared(flash)
    taken = keep(store, 1, 200, ended=False)
    store.close()
    store = prepared(flash)
    assert read_all(store, 1) == taken
    assert list(flash.erases) == [1] * 8


def test_whole_blocks_are_released_as_the_host_acknowledges() -> None:
    flash = NorFlash(16, SIZE)
    store = prepared(flash)
    taken = keep(store, 1, 13)  # blocks start at packets 0, 4, 7, 10, and all fit in there
    assert [block.first for block in used_blocks(flash.data, SIZE)] == [0, 4, 7, 10]
    for through, in_use in ((2, 4), (3, 3), (5, 3), (6, 2), (11, 1), (12, 0)):
        store.release(1, through)
        assert store.in_use() == in_use
    assert runs_of(store) == []
    assert read_all(store, 1) == taken, "released is not erased"


def test_the_open_block_is_never_released() -> None:
    store = prepared(NorFlash(16, SIZE))
    taken = keep(store, 1, 9, ended=False)
    store.release(1, 8)
    assert store.in_use() == 1
    assert append(store, sample_packet(1, 9))
    assert read_all(store, 1) == [*taken, sample_packet(1, 9)]


def test_a_release_outlives_a_restart_once_it_is_marked() -> None:
    flash = NorFlash(16, SIZE)
    store = prepared(flash)
    keep(store, 1, 13)
    store.release(1, 12)
    for _ in range(4):
        store.tidy()
    assert runs_of(mounted(flash)) == []
    assert all(block.released for block in used_blocks(flash.data, SIZE))


def test_the_oldest_acknowledged_blocks_are_erased_first() -> None:
    flash = NorFlash(12, SIZE)
    store = prepared(flash)
    for run in (1, 2, 3):
        keep(store, run, 9)
    store.release(3, 8)
    store.release(1, 8)
    order = []
    while store.prepare():
        order.append(len(used_blocks(flash.data, SIZE)))
    assert [(block.run, block.first) for block in used_blocks(flash.data, SIZE) if block.run != 2] == [(3, 7)]
    assert order == [8, 7, 6, 5, 4]


def test_oldest_first_block_by_block() -> None:
    flash = NorFlash(12, SIZE)
    store = prepared(flash)
    keep(store, 1, 9)
    keep(store, 2, 9)
    store.release(2, 8)
    store.release(1, 8)
    gone = []
    before = {(block.run, block.first) for block in used_blocks(flash.data, SIZE)}
    while store.prepare():
        now = {(block.run, block.first) for block in used_blocks(flash.data, SIZE)}
        gone += before - now
        before = now
    assert gone == [(1, 0), (1, 4), (1, 7), (2, 0), (2, 4)]
    assert before == {(2, 7)}, "the newest block tells the next serial and run number"


def test_numbers_go_on_when_everything_was_erased() -> None:
    flash = NorFlash(8, SIZE)
    store = prepared(flash)
    for run in range(1, 30):
        assert store.next_run() == run
        keep(store, run, 5)
        assert store.erase(run)
        store = prepared(flash)
    serials = [block.serial for block in used_blocks(flash.data, SIZE)]
    assert serials == [28]


def test_one_run_of_many_is_erased() -> None:
    flash = NorFlash(16, SIZE)
    store = prepared(flash)
    taken = {run: keep(store, run, 9) for run in (1, 2, 3)}
    assert store.erase(2)
    assert not store.erase(9)
    for each in (store, mounted(flash)):
        assert runs_of(each) == [1, 3]
        assert read_all(each, 1) == taken[1]
        assert read_all(each, 3) == taken[3]
    store.open(4)
    assert append(store, start_packet(4))
    assert not store.erase(4), "not the open run"


@pytest.mark.parametrize("blocks", [8, 9, 33])
@pytest.mark.parametrize("garbage", [1, 77])
def test_a_flash_full_of_garbage_is_an_empty_store(blocks: int, garbage: int) -> None:
    flash = NorFlash(blocks, SIZE, garbage)
    store = mounted(flash)
    assert runs_of(store) == []
    assert store.ready() == 0
    store = prepared(flash)
    assert store.ready() == blocks
    taken = keep(store, store.next_run(), 12)
    assert read_all(mounted(flash), 1) == taken


def test_a_block_that_keeps_nothing_is_passed_over() -> None:
    flash = NorFlash(16, SIZE)
    store = prepared(flash)
    flash.stuck_block = 2
    taken = keep(store, 1, 20)
    assert len(taken) == 20
    assert read_all(store, 1) == taken == read_all(mounted(flash), 1)


def test_a_block_that_fails_in_the_middle_is_left() -> None:
    flash = NorFlash(16, SIZE)
    store = prepared(flash)
    store.open(1)
    taken = []
    for number in range(20):
        flash.stuck_block = 0 if number == 2 else -1
        made = sample_packet(1, number) if number else start_packet(1)
        assert append(store, made)
        taken.append(made)
    assert read_all(store, 1) == taken == read_all(mounted(flash), 1)


class FailingOnce(QuickFlash):
    """Does not take the first packet that is written into block 1."""

    failed = False

    def writeblocks(self, block: int, buf: bytes, offset: int) -> None:
        if (block, offset, self.failed) == (1, 33, False):
            self.failed = True
            return
        super().writeblocks(block, buf, offset)


def test_a_block_that_fails_at_its_first_packet_does_not_hide_the_next_one() -> None:
    flash = FailingOnce(16, SIZE)
    store = prepared(flash)
    taken = keep(store, 1, 20)
    assert flash.failed
    assert read_all(store, 1) == taken == read_all(mounted(flash), 1)
    into = bytearray(packet.MAX_PACKET)
    assert bytes(into[: store.read(1, 4, into)]) == taken[4]
    store.release(1, 19)
    assert runs_of(store) == []


def test_a_run_that_ended_with_the_power_before_its_first_packet_is_none() -> None:
    flash = RecordingFlash(8, SIZE)
    store = prepared(flash)
    taken = keep(store, 1, 3)
    store.open(2)
    assert append(store, start_packet(2))
    flash.data[:] = flash.operations[-1].before
    store = mounted(flash)
    assert runs_of(store) == [1]
    assert store.next_run() == 3
    assert read_all(store, 1) == taken


def test_a_flipped_bit_costs_one_packet() -> None:
    flash = NorFlash(16, SIZE)
    store = prepared(flash)
    taken = keep(store, 1, 9)
    into = bytearray(packet.MAX_PACKET)
    place = flash.data.index(taken[2])
    for at in range(place - 5, place + len(taken[2]) + 4):
        flash.data[at] ^= 0x10
        store.mount()
        whole = [
            number
            for number in range(9)
            if store.read(1, number, into) and bytes(into[: len(taken[number])]) == taken[number]
        ]
        assert whole == [0, 1, 3, 4, 5, 6, 7, 8], at - place
        flash.data[at] ^= 0x10


def test_wear_is_spread() -> None:
    """1,000 runs on a flash that always holds one run that is never acknowledged."""
    flash = QuickFlash(24, 320)
    store = prepared(flash)
    keep(store, 1, 4, samples=1)
    for run in range(2, 1002):
        taken = keep(store, run, 4 + run % 29, samples=1)
        store.release(run, len(taken) - 1)
        while store.prepare():
            pass
    assert flash.erases[0] == 1
    assert max(flash.erases[1:]) > 50
    assert max(flash.erases[1:]) - min(flash.erases[1:]) <= 2
    written_down = {block.erased for block in used_blocks(flash.data, 320)}
    assert written_down <= {1, *flash.erases}


def test_erasing_while_sampling_waits_for_a_fifo_twice_as_long() -> None:
    flash = NorFlash(8, SIZE)
    store = mounted(flash)
    assert not store.may_erase(10000), "how long it takes is not known yet"
    store.prepare()
    assert store.may_erase(90)
    assert not store.may_erase(89)
    flash.erase_us = 200000
    store.prepare()
    assert not store.may_erase(170)
    assert store.may_erase(400)


def test_the_last_packet_is_read_again_after_looking_beyond_it() -> None:
    store = prepared(NorFlash(16, SIZE))
    taken = keep(store, 1, 5)
    into = bytearray(packet.MAX_PACKET)
    assert store.seek(1, 5) == -1
    assert bytes(into[: store.read(1, 4, into)]) == taken[4]


def test_a_block_that_is_used_again_is_not_read_as_the_old_run() -> None:
    store = prepared(NorFlash(8, SIZE))
    keep(store, 1, 9)
    store.erase(1)
    into = bytearray(packet.MAX_PACKET)
    assert store.read(1, 1, into), "the store's place is in the first block, which holds run 3 in the end"
    for run in (2, 3):
        while store.prepare():
            pass
        keep(store, run, 24)
        store.erase(run)
    assert store.seek(1, 2) == -1


def test_reading_on_does_not_begin_anew_at_each_packet() -> None:
    flash = CountingReads(16, SIZE)
    store = prepared(flash)
    taken = keep(store, 1, 20)
    flash.reads = 0
    assert read_all(store, 1) == taken
    assert flash.reads <= 3 * len(taken)


def test_a_long_gap_is_looked_for_once() -> None:
    """A fetch asks for one number after the other."""
    flash = CountingReads(16, SIZE)
    store = prepared(flash)
    store.open(1)
    for made in (start_packet(1), sample_packet(1, 5000)):
        assert append(store, made)
    into = bytearray(packet.MAX_PACKET)
    flash.reads = 0
    assert not any(store.read(1, number, into) for number in range(1, 5000))
    assert flash.reads < 10
    assert bytes(into[: store.read(1, 5000, into)]) == sample_packet(1, 5000)
    assert bytes(into[: store.read(1, 0, into)]) == start_packet(1)


class CountingReads(QuickFlash):
    reads = 0

    def readblocks(self, block: int, buf: bytearray, offset: int = 0) -> None:
        self.reads += 1
        super().readblocks(block, buf, offset)


def test_a_block_whose_wear_is_not_known_counts_as_the_most_worn() -> None:
    flash = NorFlash(8, SIZE)
    store = prepared(flash)
    for run in range(1, 20):
        keep(store, run, 9)
        store.erase(run)
        prepared(flash)
        store.mount()
    worn = max(flash.erases)
    flash.data[5 * SIZE : 5 * SIZE + 2] = bytes(2)
    store.mount()
    store.prepare()
    assert int.from_bytes(flash.data[5 * SIZE + 5 : 5 * SIZE + 9], "little") == worn > 2


def test_the_worked_example_of_the_documentation_is_read() -> None:
    """docs/run-file.md, "A worked example": a block as a pod left it when the power went."""
    text = (Path(__file__).parents[2] / "docs" / "run-file.md").read_text()
    rows = re.findall(r"^\| (\d+) \| `([0-9a-f ]+)` \|", text.split("## A worked example")[1], re.MULTILINE)
    flash = NorFlash(8, SIZE)
    for offset, written in rows:
        part = bytes.fromhex(written)
        flash.data[int(offset) : int(offset) + len(part)] = part
    store = mounted(flash)
    into = bytearray(packet.MAX_PACKET)
    assert runs_of(store) == [261]
    assert store.next_run() == 262
    assert store.seek(261, 0) == 10
    assert into[: store.read(261, 10, into)] == bytes.fromhex(rows[2][1])[5:-4]
    assert store.seek(261, 11) in (-1, 11)
    assert store.read(261, 11, into) == 0
    store.prepare()
    assert flash.data[SIZE : SIZE + 5] == bytes.fromhex("53 f7 04 04 00")
    assert flash.data[SIZE + 5] == 3, "as worn as the most worn one"
