"""A story told to a run store on a flash that remembers all, and what must be there wherever the power goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pod.flash.store import RunStore

from tests.rig.board.nor_flash import NorFlash, PowerCut
from tests.rig.run_blocks import sequence


def runs_of(store: RunStore) -> list[int]:
    """Numbers of all runs that are not acknowledged."""
    found, run = [], store.run_from(0)
    while run >= 0:
        found.append(run)
        run = store.run_from(run + 1)
    return found


@dataclass
class Operation:
    """One program or erase, the flash before it, and the bytes it programs (1 for an erase)."""

    before: bytes
    block: int
    offset: int
    view: bytes | None
    bytes: int


class QuickFlash(NorFlash):
    """Reads by slices, which are quick here and cost memory on a board."""

    def readblocks(self, block: int, buf: bytearray, offset: int = 0) -> None:
        at = self._at(block, offset, len(buf))
        buf[:] = self.data[at : at + len(buf)]


class RecordingFlash(QuickFlash):
    """Remembers all operations that change it."""

    def __init__(self, blocks: int, size: int, garbage: int = 0) -> None:
        super().__init__(blocks, size, garbage)
        self.operations: list[Operation] = []

    def writeblocks(self, block: int, buf: bytes, offset: int) -> None:
        programmed = sum(byte != 0xFF for byte in bytes(buf))
        self.operations.append(Operation(bytes(self.data), block, offset, bytes(buf), programmed))
        super().writeblocks(block, buf, offset)

    def ioctl(self, operation: int, argument: int) -> int:
        if operation == 6:
            self.operations.append(Operation(bytes(self.data), argument, 0, None, 1))
        return super().ioctl(operation, argument)

    def cut_at(self, number: int, byte: int, seed: int) -> NorFlash:
        """The flash as it is after the power went in operation `number`, `byte` bytes into it."""
        operation = self.operations[number]
        flash = QuickFlash(self.blocks, self.size, 0)
        flash.seed(seed)
        flash.data[:] = operation.before
        flash.cut_in = byte
        try:
            if operation.view is None:
                flash.ioctl(6, operation.block)
            else:
                flash.writeblocks(operation.block, operation.view, operation.offset)
        except PowerCut:
            pass
        flash.cut_in = -1
        return flash

    def cuts(self) -> Iterator[tuple[int, int]]:
        """Every place where the power can go: operation, and byte in it."""
        for number, operation in enumerate(self.operations):
            for byte in range(operation.bytes):
                yield number, byte


@dataclass
class Story:
    """Drives a store and notes, with the count of operations at that time, what it was given and allowed to lose."""

    flash: RecordingFlash
    store: RunStore
    given: list[tuple[int, int, bytes]] = field(default_factory=list)
    taken: list[tuple[int, int, bytes]] = field(default_factory=list)
    lost: list[tuple[int, int, int]] = field(default_factory=list)
    gone: list[tuple[int, int]] = field(default_factory=list)
    run: int = 0

    def begin(self) -> None:
        self.run = self.store.next_run()
        self.store.open(self.run)

    def append(self, packet: bytes) -> bool:
        self.given.append((len(self.flash.operations), self.run, packet))
        if not self.store.append(bytearray(packet), len(packet), sequence(packet)):
            return False
        self.taken.append((len(self.flash.operations), self.run, packet))
        return True

    def release(self, run: int, through: int) -> None:
        self.lost.append((len(self.flash.operations), run, through))
        self.store.release(run, through)

    def erase(self, run: int) -> None:
        self.lost.append((len(self.flash.operations), run, 1 << 24))
        assert self.store.erase(run)
        self.gone.append((len(self.flash.operations), run))

    def must_be_there(self, number: int) -> dict[int, dict[int, bytes]]:
        """Packets by run and sequence that a cut in operation `number` may not lose."""
        there: dict[int, dict[int, bytes]] = {}
        for at, run, packet in self.taken:
            if at <= number:
                there.setdefault(run, {})[sequence(packet)] = packet
        for at, run, through in self.lost:
            if at <= number:
                there[run] = {n: packet for n, packet in there.get(run, {}).items() if n > through}
        return there

    def must_be_gone(self, number: int) -> set[int]:
        """Runs that were erased by then."""
        return {run for at, run in self.gone if at <= number}

    def may_be_there(self, number: int) -> set[tuple[int, bytes]]:
        """All that was ever given by then."""
        return {(run, packet) for at, run, packet in self.given if at <= number}
