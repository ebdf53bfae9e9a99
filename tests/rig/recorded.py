"""What a run file holds, found without the reader under test: frames as docs/run-file.md has them."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from tests.rig import packing_by_the_book
from tests.rig.board.mpu6050 import Counter

ARRIVED, CLOCK, MARK, LINK, END = 0x03, 0x06, 0x08, 0x0A, 0x0F
SAMPLES, PACKED, START, END_PACKET = 0, 1, 2, 6
OVERFLOW = 0x01
_OVERFLOW = 0x01


@dataclass
class Recorded:
    """Frames by type; packets by sequence; how often one came twice."""

    frames: list[tuple[int, bytes]] = field(default_factory=list)
    packets: dict[int, bytes] = field(default_factory=dict)
    repeats: int = 0

    @property
    def closed(self) -> bool:
        return self.frames[-1][0] == END

    def count(self, frame_type: int) -> int:
        return sum(kind == frame_type for kind, _ in self.frames)

    def missing(self) -> list[int]:
        """Sequence numbers that are not here, up to the highest that is."""
        return [number for number in range(max(self.packets) + 1) if number not in self.packets]

    def of_samples(self) -> list[bytes]:
        """Packets of samples, in order of sequence."""
        packets = [self.packets[sequence] for sequence in sorted(self.packets)]
        return [packet for packet in packets if packet[0] & 15 in (SAMPLES, PACKED)]

    def packed(self) -> int:
        """How many packets are of the pod's flash."""
        return sum(packet[0] & 15 == PACKED for packet in self.packets.values())

    def samples(self) -> bytes:
        """All samples in order of sequence, 12 bytes each, as they came out of the sensor."""
        return b"".join(sample for packet in self.of_samples() for sample in _samples(packet))

    def sensor_numbers(self) -> list[int]:
        """Which of the modelled sensor's samples (`Counter`) these are, in order of sequence; -1: none."""
        return [Counter.index(sample) for packet in self.of_samples() for sample in _samples(packet)]

    def indices(self) -> list[int]:
        """The number in its run that each sample is given."""
        firsts = [(int.from_bytes(packet[8:12], "little"), packet[2]) for packet in self.of_samples()]
        return [first + place for first, count in firsts for place in range(count)]

    def samples_made(self) -> int:
        """How many samples the run has, by its end packet."""
        return int.from_bytes(self.packets[max(self.packets)][17:21], "little")

    def flags(self) -> dict[int, int]:
        """Flags of each packet of samples, by the number of its first sample."""
        return {int.from_bytes(packet[8:12], "little"): packet[1] for packet in self.of_samples()}


def read(path: Path) -> Recorded:
    """Read a file of which every byte must belong to a frame."""
    data, at, found = path.read_bytes(), 0, Recorded()
    while at < len(data):
        assert data[at : at + 2] == b"\x53\xf7", f"no frame at {at}"
        kind, size = struct.unpack_from("<BH", data, at + 2)
        payload = data[at + 5 : at + 5 + size]
        crc = int.from_bytes(data[at + 5 + size : at + 9 + size], "little")
        assert crc == zlib.crc32(data[at + 2 : at + 5 + size]), f"wrong checksum at {at}"
        at += 9 + size
        found.frames.append((kind, payload))
        if kind == ARRIVED:
            packet = payload[8:]
            sequence = packet[4] | packet[5] << 8 | packet[6] << 16
            found.repeats += sequence in found.packets
            found.packets[sequence] = packet
    return found


def whole(path: Path) -> Recorded:
    """Every sample of the run once, in order, bit for bit as the sensor made it; from the start to the end packet."""
    found = complete(path)
    numbers = found.sensor_numbers()
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert found.indices() == list(range(len(numbers)))
    assert found.samples_made() == len(numbers)
    return found


def whole_but_for_stalls(path: Path) -> Recorded:
    """Like `whole`, in real time: where this computer stood still the sensor overran, and there the pod says so."""
    found = complete(path)
    numbers, indices = found.sensor_numbers(), found.indices()
    jumps = [place for place in range(1, len(numbers)) if numbers[place] != numbers[place - 1] + 1]
    assert min(numbers) >= 0
    assert all(numbers[place] > numbers[place - 1] for place in jumps)
    flags = found.flags()
    assert {indices[place] for place in jumps} == {index for index, flag in flags.items() if flag & OVERFLOW}
    assert indices[0] == 0
    assert found.samples_made() >= indices[-1] + 1
    return found


def complete(path: Path) -> Recorded:
    """Every packet of the run once, from the start to the end packet."""
    found = read(path)
    assert found.closed
    assert found.repeats == 0
    assert found.missing() == []
    assert found.packets[0][0] & 15 == START
    assert found.packets[max(found.packets)][0] & 15 == END_PACKET
    return found


def whole_but_for_overruns(path: Path) -> int:
    """Every packet once, bit for bit; samples miss only where the pod says so. Returns how many overruns there were.

    The computer that this runs on may be too slow for a moment: then the modelled sensor overruns, as a real one would.
    """
    found = read(path)
    assert found.closed
    assert found.repeats == 0
    assert found.missing() == []
    assert found.packets[0][0] & 15 == START
    assert found.packets[max(found.packets)][0] & 15 == END_PACKET
    numbers, indices, flags = found.sensor_numbers(), found.indices(), found.flags()
    jumps = [at for at in range(1, len(numbers)) if numbers[at] != numbers[at - 1] + 1]
    assert all(numbers[at] > numbers[at - 1] and flags.get(indices[at], 0) & _OVERFLOW for at in jumps)
    return len(jumps)


def _samples(packet: bytes) -> list[bytes]:
    if packet[0] & 15 == PACKED:
        return [struct.pack(">6h", *sample) for sample in packing_by_the_book.unpack(packet)]
    return [packet[at : at + 12] for at in range(16, len(packet), 12)]
