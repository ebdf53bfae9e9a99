"""Which packets of a run are here, and which are missing: a set of sequence numbers that stays small."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from surefoot.wire.packets import SEQUENCES


class SequenceSet:
    """Sequence numbers of one run, extended beyond their wrap, as ranges without a hole.

    Memory grows with the number of holes, not with the length of the run.
    """

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        """Range k is `[_starts[k], _ends[k])`; ranges do not touch."""

    def copy(self) -> SequenceSet:
        """Return another set of the same numbers."""
        same = SequenceSet()
        same._starts, same._ends = self._starts.copy(), self._ends.copy()
        return same

    def __len__(self) -> int:
        return sum(self._ends) - sum(self._starts)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._starts, number) - 1
        return at >= 0 and number < self._ends[at]

    @property
    def end(self) -> int:
        """One more than the highest number; 0 while there is none."""
        return self._ends[-1] if self._ends else 0

    @property
    def whole_until(self) -> int:
        """The first number that is missing: all before it are here."""
        return self._ends[0] if self._ends and self._starts[0] == 0 else 0

    def extend(self, sequence: int) -> int:
        """Return the number that a packet's 24 bits stand for: the nearest one to the highest so far, not below 0."""
        off = (sequence - self.end + SEQUENCES // 2) % SEQUENCES - SEQUENCES // 2
        number = self.end + off
        return number if number >= 0 else number + SEQUENCES

    def add(self, number: int) -> bool:
        """Add one number; False if it was there."""
        if number in self:
            return False
        self.add_range(number, number + 1)
        return True

    def add_range(self, start: int, end: int) -> None:
        """Add the numbers `[start, end)`."""
        if start >= end:
            return
        first = bisect_right(self._ends, start - 1)
        last = bisect_right(self._starts, end)
        if first < last:
            start, end = min(start, self._starts[first]), max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def holes(self, end: int | None = None) -> Iterator[tuple[int, int]]:
        """Yield the missing ranges `[start, end)` from 0 up to `end`, or up to the highest number."""
        end = self.end if end is None else end
        at = 0
        for start, stop in zip(self._starts, self._ends, strict=True):
            if start >= end:
                break
            if start > at:
                yield at, start
            at = stop
        if at < end:
            yield at, end
