"""The store beside a plain dict, through any order of operations, restarts and cuts of power."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pod.flash.store import RunStore
from pod.wire import packet

from tests.rig.board.nor_flash import PowerCut
from tests.rig.made_packets import end_packet, event_packet, sample_packet
from tests.rig.power_history import QuickFlash, runs_of
from tests.rig.run_blocks import kept_packets, used_blocks

BLOCKS, SIZE = 9, 320


class StoreBesideADict(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.flash = QuickFlash(BLOCKS, SIZE, 5)
        self.taken: dict[int, dict[int, bytes]] = {}
        self.given: set[tuple[int, bytes]] = set()
        self.run = 0
        self.next = 0
        self.mount()

    def mount(self) -> None:
        self.store = RunStore(self.flash, self.flash.ticks_us)
        self.store.mount()
        self.run = 0

    def try_to(self, operation: Callable[[], object]) -> object:
        """Do it, unless the power goes meanwhile."""
        try:
            return operation()
        except PowerCut:
            self.flash.cut_in = -1
            self.mount()
            return None

    @rule(byte=st.integers(0, 120))
    def let_the_power_go_soon(self, byte: int) -> None:
        self.flash.cut_in = byte

    @rule()
    def restart(self) -> None:
        self.mount()

    @rule(times=st.integers(1, BLOCKS))
    def prepare(self, times: int) -> None:
        for _ in range(times):
            self.try_to(self.store.prepare)

    @rule()
    def tidy(self) -> None:
        self.try_to(self.store.tidy)

    @rule()
    def begin(self) -> None:
        self.run = self.store.next_run()
        self.next = 0
        self.store.open(self.run)

    @rule()
    def close(self) -> None:
        self.store.close()
        self.run = 0

    @precondition(lambda self: self.run)
    @rule(count=st.integers(1, 12), samples=st.integers(1, 19), gap=st.integers(0, 3) | st.just(70000))
    def append_samples(self, count: int, samples: int, gap: int) -> None:
        self.next += gap
        for _ in range(count):
            self.append(lambda run, number: sample_packet(run, number, samples))

    @precondition(lambda self: self.run)
    @rule(kind=st.sampled_from([event_packet, end_packet]))
    def append_other(self, kind: Callable[[int, int], bytes]) -> None:
        self.append(kind)

    def append(self, kind: Callable[[int, int], bytes]) -> None:
        if not self.run:
            return
        made, run = kind(self.run, self.next), self.run
        self.given.add((run, made))
        accepted = self.store.accepts(made[0])
        took = self.try_to(lambda: self.store.append(bytearray(made), len(made), self.next))
        if took:
            self.taken.setdefault(run, {})[self.next] = made
            self.next += 1
        assert took is None or took or not accepted

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(sorted(self.taken)))
        packets = self.taken[run]
        through = data.draw(st.sampled_from([*packets, 0, 99999])) if packets else 0
        self.taken[run] = {number: made for number, made in packets.items() if number > through}
        self.try_to(lambda: self.store.release(run, through))

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(sorted(self.taken)))
        if run == self.run:
            assert not self.store.erase(run)
            return
        del self.taken[run]
        if self.try_to(lambda: self.store.erase(run)) is not None:
            assert run not in runs_of(self.store)

    @invariant()
    def all_is_there_and_nothing_else(self) -> None:
        into = bytearray(packet.MAX_PACKET)
        on_flash = kept_packets(self.flash.data, SIZE)
        for run, packets in self.taken.items():
            by_the_book = set(on_flash.get(run, ()))
            for number, made in packets.items():
                assert bytes(into[: self.store.read(run, number, into)]) == made
                assert made in by_the_book
        for run in runs_of(self.store):
            at = self.store.seek(run, 0)
            while at >= 0:
                length = self.store.read(run, at, into)
                assert not length or (run, bytes(into[:length])) in self.given
                at = self.store.seek(run, at + 1)

    @invariant()
    def the_counts_add_up(self) -> None:
        used = used_blocks(self.flash.data, SIZE)
        assert self.store.next_run() == max((block.run for block in used), default=0) + 1
        assert self.store.in_use() <= len(used)
        assert 0 <= self.store.free_permille() <= 1000
        assert self.store.ready() <= BLOCKS - len(used)


class TestStoreBesideADict(StoreBesideADict.TestCase):
    settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
