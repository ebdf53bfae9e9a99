"""The worked examples of docs/link.md and docs/run-file.md are right: each byte and each number in them."""

import io
import re
import zlib
from pathlib import Path

import numpy as np

from surefoot.recording.framing import Damage, FrameType, read_frames
from surefoot.wire.control import Answer, read_notification, read_requests
from surefoot.wire.fragments import Reassembly, cut
from surefoot.wire.packets import Packet
from surefoot.wire.packing import pack, unpack
from surefoot.wire.records import Mark, read_record

DOCS = Path(__file__).parents[2] / "docs"
LINK = (DOCS / "link.md").read_text().split("## A worked example\n")[1]
RUN_FILE = (DOCS / "run-file.md").read_text().split("## A worked example\n")[1]


def rows(text: str, head: str) -> list[list[str]]:
    """Cells of the table in `text` whose head starts so, without its head and without the marks of code."""
    table = text.split(f"\n{head}", 1)[1].split("\n\n", maxsplit=1)[0].splitlines()[2:]
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split("|")] for row in table]


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"-?\d+", text)]


def flat(values) -> list[int]:
    return [part for value in values for part in (value if isinstance(value, tuple) else [value])]


def test_packet_field_by_field():
    fields = rows(LINK, "| bytes | field |")
    packet = Packet.from_bytes(bytes.fromhex("".join(cells[0] for cells in fields)))
    told = {name: numbers(value) for _, name, value in fields if not name.startswith("sample ")}
    assert told.pop("form") == [1, packet.kind]
    assert {name: [getattr(packet, name)] for name in told} == told
    assert len(told) == 7
    samples = {int(name.split()[1]): numbers(value) for _, name, value in fields if name.startswith("sample ")}
    assert list(samples) == [packet.index, packet.index + 1]
    assert packet.samples().tolist() == list(samples.values())
    low_ms, high_ms, clock_s = re.search(r"taken (\d+) to (\d+) ms before ([\d.]+) s", LINK).groups()
    assert round(float(clock_s) * 1e6) == packet.clock_us
    assert (int(low_ms), int(high_ms)) == (packet.behind * 2, (packet.behind + 1) * 2)


def test_packed_samples_bit_by_bit():
    body = bytes.fromhex(re.search(r"24 bytes, `([0-9a-f ]+)`", LINK)[1])
    channels = rows(LINK, "| bits |")
    bits = "".join(cells[0].replace(" ", "") for cells in channels)
    assert "".join(f"{byte:08b}" for byte in body) == bits + "0"
    samples = np.array([numbers(cells[1]) for cells in channels], np.int16).T
    np.testing.assert_array_equal(unpack(body, 3), samples)
    assert len(pack(samples)) == len(body)
    for bits_apart, values, meaning in channels:
        first, order, parameter, *_ = bits_apart.split()
        told = numbers(meaning.split(";")[0])
        assert told == [numbers(values)[0], int(order, 2), int(parameter, 2)]
        assert int(first, 2) == told[0] % 65536


def test_session_on_control():
    conversation = rows(LINK, "| who |")
    requests = {}
    for who, written, meaning in conversation:
        data = bytes.fromhex(written)
        if who == "host":
            ((tag, request),) = read_requests(data)
            name, told = meaning.split(",", 1)
            assert type(request).__name__.lower().removesuffix("run") == name
            assert numbers(told)[: 1 + len(vars(request))] == [tag, *vars(request).values()]
            requests[tag] = request.CODE
            continue
        answer = read_notification(data)
        assert isinstance(answer, Answer)
        assert requests[answer.tag] == answer.request
        if answer.error:
            assert meaning.startswith(f"error {answer.error}:")
        else:
            assert meaning.startswith("done:")
            assert numbers(meaning) == flat(vars(answer.data).values())
    answered = {bytes.fromhex(written)[1] for who, written, _ in conversation if who == "pod"}
    assert [code for tag, code in requests.items() if tag not in answered] == [0x08]


def test_packet_in_pieces():
    packet = bytes.fromhex("".join(cells[0] for cells in rows(LINK, "| bytes | field |")))
    pieces = [bytes.fromhex(cells[0]) for cells in rows(LINK, "| bytes | meaning |")]
    assert cut(packet, mtu=23) == pieces
    reassembly = Reassembly()
    assert [reassembly.add(piece) for piece in pieces] == [None, None, packet]


def test_block_of_a_run_file():
    parts = rows(RUN_FILE, "| offset |")
    content = bytes.fromhex("".join(cells[1] for cells in parts))
    assert [int(offset) for offset, _, _ in parts] == [
        len(bytes.fromhex("".join(cells[1] for cells in parts[:number]))) for number in range(len(parts))
    ]
    ready, block, packet, damage = read_frames(io.BytesIO(content))
    named = [FrameType(frame.type).name.lower() for frame in (ready, block, packet)]
    assert named == [cells[2].split(":")[0] for cells in parts[:3]]
    assert numbers(parts[0][2]) == [int.from_bytes(ready.payload, "little")]
    told = [int.from_bytes(block.payload[start:end], "little") for start, end in ((0, 4), (4, 8), (8, 11))]
    assert numbers(parts[1][2]) == told
    mark = Packet.from_bytes(packet.payload)
    assert read_record(mark) == Mark(0, 7)
    assert numbers(parts[2][2]) == [mark.sequence, 7]
    assert damage == Damage(int(parts[3][0]), *numbers(parts[3][2]))
    summed, told_crc = re.search(r"that of `([0-9a-f ]+)`: ([0-9a-f]{8})", RUN_FILE).groups()
    assert content.startswith(b"\x53\xf7" + bytes.fromhex(summed))
    assert f"{zlib.crc32(bytes.fromhex(summed)):08x}" == told_crc
