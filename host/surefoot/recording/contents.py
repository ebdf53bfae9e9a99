"""Everything that the frames of one run file hold, sorted by what it is."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surefoot.recording.framing import Damage, FrameType
from surefoot.recording.payloads import CLOCK, FileEnd, Scalar

LISTED_MAX = 1000
"""Marks, breaks and places of damage that are kept one by one; of more, only how many there are. A file can claim a
hundred million of them."""

_KNOWN = frozenset(FrameType)


@dataclass
class Contents:
    """What survives of a file, and what does not.

    Attributes
    ----------
    size_bytes, frames : int
        Of the file; whole frames in it.
    file, settings : dict
        What the file frame and the settings frames say; later ones change what they name.
    packets : bytearray
        All packets as they came, one after the other; `packet_sizes` has the bytes of each, `arrived` the UTC in us of
        each arrival as eight bytes, 0 where it is not known (on the pod's flash).
    clocks : bytearray
        Payloads of clock frames.
    block_run : int or None
        Run that the first block of a pod's flash is said to hold.
    marks, links, damage : list
        The first `LISTED_MAX` of each: (UTC in us, text), (UTC in us, connected), `Damage`.
    counts : Counter
        Whole frames by type.
    damaged_places, damaged_bytes : int
        All damage.
    unfinished_bytes : int
        Of a frame at the end whose writing was cut off; no damage.
    odd_frames : int
        Frames of a known type whose content is not what the type says.
    end : FileEnd or None
        The last end frame; `frames_at_end` is how many frames were found before it.
    closed : bool
        An end frame is the last of all frames.
    hash_right : bool or None
        Whether the hashes of all end frames are right; None without one.
    """

    size_bytes: int = 0
    frames: int = 0
    file: dict[str, Scalar] = field(default_factory=dict)
    settings: dict[str, Scalar] = field(default_factory=dict)
    packets: bytearray = field(default_factory=bytearray)
    packet_sizes: array[int] = field(default_factory=lambda: array("H"))
    arrived: bytearray = field(default_factory=bytearray)
    clocks: bytearray = field(default_factory=bytearray)
    block_run: int | None = None
    marks: list[tuple[int, str]] = field(default_factory=list)
    links: list[tuple[int, bool]] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)
    counts: Counter[int] = field(default_factory=Counter)
    damaged_places: int = 0
    damaged_bytes: int = 0
    unfinished_bytes: int = 0
    odd_frames: int = 0
    end: FileEnd | None = None
    frames_at_end: int = 0
    closed: bool = False
    hash_right: bool | None = None

    @property
    def unknown_frames(self) -> int:
        """Frames of types that this version does not know."""
        return sum(count for kind, count in self.counts.items() if kind not in _KNOWN)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each packet."""
        return np.frombuffer(self.packet_sizes, np.uint16).astype(np.int64)

    @property
    def arrived_utc_us(self) -> NDArray[np.int64]:
        """UTC of each packet's arrival, us; 0 where it is not known."""
        return np.frombuffer(self.arrived, "<i8").astype(np.int64)

    @property
    def clock_answers(self) -> NDArray[Any]:
        """All clock frames, as `payloads.CLOCK`."""
        return np.frombuffer(self.clocks, CLOCK)
