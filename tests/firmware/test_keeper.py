"""What goes to flash, by the setting and the link; and that keeping costs no memory and little time."""

from __future__ import annotations

import pytest
from pod.flash import keeper
from pod.flash.keeper import ALWAYS, NEVER, UNACKNOWLEDGED, Keeper
from pod.flash.kept import ENDED
from pod.flash.store import RunStore
from pod.wire import packet
from pod.wire.ring import PacketRing

from tests.rig import packing_by_the_book
from tests.rig.interpreter import run, run_32bit
from tests.rig.made_packets import end_packet, event_packet, sample_packet, smooth_packet, start_packet
from tests.rig.power_history import QuickFlash, runs_of
from tests.rig.run_blocks import kept_packets, sequence

UP, DOWN = True, False
IN_RING = 63
RUN = 1


class Pod:
    """Ring, store and keeper of a pod with a run begun."""

    def __init__(self, blocks: int = 40) -> None:
        self.flash = QuickFlash(blocks)
        self.store = RunStore(self.flash, self.flash.ticks_us)
        self.store.mount()
        while self.store.prepare():
            pass
        self.ring = PacketRing(64)
        self.keeper = Keeper(self.ring, self.store)
        self.put(start_packet(RUN))
        self.keeper.open(RUN)

    def put(self, made: bytes) -> None:
        self.ring.packet()[: len(made)] = made
        self.ring.commit(len(made))

    def sample(self, count: int = 1) -> None:
        for _ in range(count):
            self.put(sample_packet(RUN, self.ring.next))

    def acknowledge_all(self) -> None:
        assert self.ring.acknowledge(self.ring.next - 1)

    def step(self, link_up: bool, keep: int) -> int:
        """Step until nothing more is kept; how many were."""
        kept = 0
        while self.keeper.step(link_up, keep):
            kept += 1
        return kept

    def on_flash(self) -> list[int]:
        return [sequence(each) for each in kept_packets(self.flash.data, self.flash.size).get(RUN, [])]


def test_always_keeps_all_one_at_a_step() -> None:
    pod = Pod()
    for number in range(1, 11):
        pod.sample()
        assert pod.keeper.step(UP, ALWAYS)
        assert pod.keeper.keeping
        assert pod.on_flash() == list(range(number))
    assert pod.keeper.step(UP, ALWAYS)
    assert not pod.keeper.step(UP, ALWAYS)
    assert pod.ring.unkept() == 0


def test_never_keeps_nothing() -> None:
    pod = Pod()
    pod.sample(100)
    assert pod.step(DOWN, NEVER) == 0
    assert not pod.keeper.keeping
    assert pod.on_flash() == []
    assert pod.ring.dropped == 101 - IN_RING


def test_with_the_link_up_and_a_host_that_acknowledges_nothing_is_kept() -> None:
    pod = Pod()
    for _ in range(20):
        pod.sample(20)
        assert pod.step(UP, UNACKNOWLEDGED) == 0
        pod.acknowledge_all()
    assert pod.on_flash() == []
    assert pod.ring.dropped == 0


def test_the_link_is_lost_and_what_the_host_has_not_is_kept_behind_the_start() -> None:
    pod = Pod()
    for count in (49, 50, 50, 50):
        pod.sample(count)
        pod.acknowledge_all()
    pod.sample(10)
    assert pod.step(DOWN, UNACKNOWLEDGED) == 11
    assert pod.on_flash() == [0, *range(200, 210)]
    pod.sample(60)
    assert pod.step(DOWN, UNACKNOWLEDGED) == 60
    assert pod.on_flash() == [0, *range(200, 270)]
    assert pod.ring.dropped == 0
    pod.acknowledge_all()
    pod.sample(3)
    assert pod.step(UP, UNACKNOWLEDGED) == 0, "back, and all acknowledged"
    assert not pod.keeper.keeping


def test_the_link_is_up_but_the_host_is_silent() -> None:
    pod = Pod()
    pod.sample(31)
    assert pod.step(UP, UNACKNOWLEDGED) == 0
    pod.sample(1)
    assert pod.step(UP, UNACKNOWLEDGED) == 33
    assert pod.on_flash() == list(range(33))
    for _ in range(200):
        pod.sample()
        assert pod.step(UP, UNACKNOWLEDGED) == 1
    assert pod.ring.dropped == 0
    assert pod.on_flash() == list(range(233))


def test_what_is_not_kept_from_flash_can_still_be_acknowledged_later() -> None:
    """After a break the host fetches and acknowledges; until it has caught up, keeping goes on."""
    pod = Pod()
    pod.sample(150)
    pod.step(DOWN, UNACKNOWLEDGED)
    pod.sample(70)
    assert pod.step(UP, UNACKNOWLEDGED) == IN_RING
    assert pod.ring.acknowledge(100)
    pod.sample(2)
    assert pod.step(UP, UNACKNOWLEDGED) == 2
    pod.acknowledge_all()
    pod.sample(2)
    assert pod.step(UP, UNACKNOWLEDGED) == 0


@pytest.mark.parametrize("keep", [ALWAYS, UNACKNOWLEDGED])
def test_a_run_ends_with_its_end_packet(keep: int) -> None:
    pod = Pod()
    pod.sample(10)
    pod.step(DOWN, keep)
    pod.acknowledge_all()
    pod.put(end_packet(RUN, 11))
    pod.step(UP, keep)
    pod.keeper.close()
    assert pod.on_flash() == list(range(12))
    assert pod.store.summary(RUN) == (ENDED, 12, 500, 1)


def test_a_run_of_which_nothing_was_kept_leaves_nothing() -> None:
    pod = Pod()
    pod.sample(10)
    pod.put(end_packet(RUN, 11))
    pod.step(UP, UNACKNOWLEDGED)
    pod.keeper.close()
    assert runs_of(pod.store) == []
    assert pod.flash.erases == [1] * 40
    assert pod.store.ready() == 40


def test_a_run_that_breaks_off_gets_nothing_out_of_order() -> None:
    """Closed without an end packet, as before a restart: nothing is kept ahead of what is missing."""
    pod = Pod()
    pod.sample(10)
    pod.step(DOWN, ALWAYS)
    pod.sample(5)
    pod.keeper.close()
    assert pod.on_flash() == list(range(11))


def test_nothing_is_packed_for_a_full_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packing takes some 2 ms on a board; the main loop steps some hundred times a second."""
    pod = Pod(8)
    for _ in range(120):
        pod.sample()
        pod.step(DOWN, ALWAYS)
    assert pod.keeper.full
    monkeypatch.setattr(keeper, "pack", lambda *_: pytest.fail("packed in vain"))
    for _ in range(10):
        assert not pod.keeper.step(DOWN, ALWAYS)


def test_a_full_store_is_told_and_loses_nothing_that_it_has() -> None:
    pod = Pod(8)
    for _ in range(200):
        pod.sample()
        pod.step(DOWN, UNACKNOWLEDGED)
    assert pod.keeper.full
    assert pod.keeper.keeping
    had = pod.on_flash()
    assert had == list(range(len(had)))
    assert pod.ring.dropped == 201 - IN_RING - len(had)
    pod.put(event_packet(RUN, 201))
    pod.put(end_packet(RUN, 202))
    pod.keeper.close()
    assert pod.on_flash() == [*had, 202]
    assert pod.store.summary(RUN)[0] == ENDED


def test_keeping_goes_on_when_there_is_room_again() -> None:
    pod = Pod(8)
    for _ in range(120):
        pod.sample()
        pod.step(DOWN, UNACKNOWLEDGED)
    assert pod.keeper.full
    had = pod.on_flash()
    pod.ring.acknowledge(had[-1])
    pod.store.release(RUN, had[-1])
    while pod.store.prepare():
        pass
    assert pod.step(DOWN, UNACKNOWLEDGED) > 20
    assert not pod.keeper.full
    assert pod.on_flash()[-1] == pod.ring.next - 1


def test_smooth_samples_are_kept_packed_under_the_same_header() -> None:
    pod = Pod()
    made = [smooth_packet(RUN, number) for number in range(1, 30)]
    for each in made:
        pod.put(each)
    pod.step(DOWN, ALWAYS)
    kept = kept_packets(pod.flash.data, pod.flash.size)[RUN]
    assert [sequence(each) for each in kept] == list(range(30))
    for original, packed in zip(made, kept[1:], strict=True):
        assert packed[0] == packet.PACKED
        assert packed[1:16] == original[1:16]
        values = [int.from_bytes(original[at : at + 2], "big", signed=True) for at in range(16, 244, 2)]
        assert [value for sample in packing_by_the_book.unpack(packed) for value in sample] == values
        assert len(packed) < len(original)


def test_sequence_numbers_of_a_run_begun_elsewhere_in_the_ring() -> None:
    """The ring is opened at 0 for each run; a second run starts afresh on flash."""
    pod = Pod()
    pod.sample(5)
    pod.step(DOWN, ALWAYS)
    pod.keeper.close()
    pod.ring.open(0)
    pod.put(start_packet(2))
    pod.keeper.open(2)
    pod.put(sample_packet(2, 1))
    pod.step(DOWN, ALWAYS)
    kept = kept_packets(pod.flash.data, pod.flash.size)
    assert kept[2] == [start_packet(2), sample_packet(2, 1)]
    assert len(kept[1]) == 6


def cost(interpreter, seconds: int, rate_hz: int, blocks: int) -> dict:
    (result,) = interpreter("keeping.py", seconds, rate_hz, blocks, heap_kb=320 + 5 * blocks, timeout_s=600)
    return result


@pytest.mark.parametrize(("interpreter", "seconds"), [(run, 20), (run_32bit, 10)])
def test_keeping_allocates_nothing(interpreter, seconds: int) -> None:
    result = cost(interpreter, seconds, 500, 20)
    assert result["allocated"] == 0
    assert result["kept"] == result["packets"] + 1
    assert result["erased"] > 2
    assert result["dropped"] == 0


def test_no_step_is_longer_than_the_fifo_at_1000_hz_while_blocks_are_ready() -> None:
    """42 ms are 512 bytes of FIFO; the flash has the datasheet's typical times, 0.7 ms a page."""
    result = cost(run, 10, 1000, 60)
    assert not result["full"]
    assert result["longest_step_us"] < 42000 // 10


def test_when_no_block_is_ready_at_1000_hz_the_store_is_full_and_nothing_is_erased() -> None:
    result = cost(run, 10, 1000, 10)
    assert result["full"]
    assert result["erased"] == 0
    assert result["longest_step_us"] < 42000 // 10


@pytest.mark.soak
@pytest.mark.parametrize(("interpreter", "seconds"), [(run, 600), (run_32bit, 60)])
def test_keeping_allocates_nothing_for_long(interpreter, seconds: int) -> None:
    result = cost(interpreter, seconds, 500, 24)
    assert result["allocated"] == 0
    assert result["kept"] == result["packets"] + 1
