"""Others at the pod while it records: strangers, old bonds, floods, replays, a second recorder. The run takes no harm.

Recorded is the real firmware's run over a real Bluetooth stack, in virtual time. What is in the file is compared with
what the modelled sensor made: every sample says which one it is.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from bleak import BleakClient
from bleak.exc import BleakError
from bumble.device import Device, Peer
from bumble.keys import PairingKeys

from surefoot.errors import LinkLost, PodBusy, PodError
from surefoot.pod.outcome import Outcome
from surefoot.pod.recorder import Recorder
from surefoot.recording import read_recording
from surefoot.wire.control import write_request
from surefoot.wire.requests import (
    Ack,
    Cancel,
    Erase,
    Get,
    Hello,
    Restart,
    Set,
    SetMark,
    SetTime,
    StartRun,
    StopRun,
)
from tests.rig import recorded
from tests.rig.radio.bleak_backend import installed
from tests.rig.radio.bluez.service import run_app, service
from tests.rig.radio.peripheral import SEND
from tests.rig.radio.plain_host import CONTROL, DATA, IDENTITY, STATUS
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.recording_story import again_recording, puller_for, ready_pod, record, recorder_for, the_file

OPEN_TO_THE_BONDED = (
    STATUS,
    IDENTITY,
    *(f"0000{short}-0000-1000-8000-00805f9b34fb" for short in ("2a29", "2a25", "2a19")),
)
LONGEST = 244
"""That a write to control may be."""
WRONG_LENGTH, BUSY = 2, 11
HARMFUL = [
    write_request(request, 7)
    for request in (StopRun(), Erase(1, 1), Restart(0), Restart(1), Set(1, 200), Set(2, 0), Ack(1, 10_000), Cancel())
]


class Visitor:
    """Another central at the pod, by plain bleak; `heard` has what it was notified of."""

    def __init__(self, device: Device, pod: Pod) -> None:
        self.device = device
        self.heard: list[tuple[str, bytes]] = []
        with installed(device):
            self.client = BleakClient(pod.address)

    async def connect(self) -> None:
        await self.client.connect()
        for uuid in (DATA, CONTROL, STATUS):
            await self.client.start_notify(uuid, lambda _, value, uuid=uuid: self.heard.append((uuid, bytes(value))))

    async def write(self, value: bytes, response: bool = True) -> None:
        await self.client.write_gatt_char(CONTROL, value, response=response)

    async def is_refused_everything(self) -> None:
        """Try to read all there is, and to write what would do harm."""
        for uuid in OPEN_TO_THE_BONDED:
            with pytest.raises(BleakError, match="INSUFFICIENT"):
                await self.client.read_gatt_char(uuid)
        for value in HARMFUL:
            with pytest.raises(BleakError, match="INSUFFICIENT"):
                await self.write(value)
            await self.write(value, response=False)

    async def pairs_in_vain(self) -> None:
        """Try to pair while that is closed: the pod makes no bond, and sends away who tried, perhaps at once."""
        with suppress(BleakError):
            await self.client.pair()
        async with asyncio.timeout(1):
            while self.client.is_connected:
                await asyncio.sleep(0.01)

    def answers(self) -> list[bytes]:
        return [value for uuid, value in self.heard if uuid == CONTROL]


async def bonded_visitor(rig: Rig, pod: Pod) -> Visitor:
    """One that paired while the pod's owner allowed it; it is connected."""
    visitor = Visitor(await rig.stranger(), pod)
    await visitor.connect()
    await visitor.client.pair()
    await asyncio.sleep(0.1)  # the pod files the keys a little later
    assert pod.ask("pod.pairing.bonds()") == 2
    pod.tell("pod.pairing.close()")
    return visitor


@pytest.fixture(autouse=True)
def a_computer_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of one computer lock a pod by a file in this folder: those of another test are none."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


async def soon_recording(recorder: Recorder) -> None:
    """Wait until all is as before; a recorder that has ended, or cannot come back, fails here."""
    async with asyncio.timeout(90):
        await again_recording(recorder)


def unharmed(recorder: Recorder, pod: Pod) -> None:
    """The link never broke, nothing was dropped, and the firmware met no fault."""
    figures = recorder.figures
    assert (figures.state, figures.reconnects, figures.lost_packets, figures.dropped_by_pod) == ("recording", 0, 0, 0)
    assert pod.ask("(pod.health.faults, pod.radio.listener.faults)") == (0, 0)


def whole(outcome: Outcome) -> recorded.Recorded:
    """Every sample once, in order, bit for bit; and the reader has nothing to say against the file."""
    path = the_file(outcome)
    found = recorded.whole(path)
    assert read_recording(path).conditions == ()
    return found


def test_an_unpaired_stranger_learns_nothing_and_changes_nothing(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        pod.tell("pod.pairing.close()")
        stranger = Visitor(await rig.stranger(), pod)
        for tries in range(1, 4):
            await stranger.connect()
            await stranger.is_refused_everything()
            await asyncio.sleep(2)  # time for a status, if it were told one
            await stranger.pairs_in_vain()
            assert pod.ask("(pod.radio.refusals, pod.pairing.bonds())") == (tries, 1)
            assert not await stranger.device.keystore.get_all()
        assert stranger.heard == []
        unharmed(recorder, pod)

    whole(record(tmp_path, story))


def test_two_strangers_cannot_keep_the_recorder_out(tmp_path: Path) -> None:
    """They take both places when the recorder's link is lost; after half a minute one of them has to go."""

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        strangers = [Visitor(await rig.stranger(number), pod) for number in (1, 2)]
        pod.link.lose(0, 4)
        for stranger in strangers:
            await stranger.connect()
        assert recorder.figures.state == "recording"  # it has not even noticed
        await soon_recording(recorder)
        assert sum(stranger.client.is_connected for stranger in strangers) == 1
        assert all(stranger.heard == [] for stranger in strangers)
        assert pod.ask("pod.radio.refusals") == 1
        assert recorder.figures.reconnects == 1

    found = whole(record(tmp_path, story))
    assert found.count(recorded.LINK) == 3


def test_a_third_central_finds_no_place(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        stranger, another = [Visitor(await rig.stranger(number), pod) for number in (1, 2)]
        await stranger.connect()
        with pytest.raises((BleakError, TimeoutError)):
            await another.connect()
        assert stranger.client.is_connected
        unharmed(recorder, pod)

    whole(record(tmp_path, story))


def test_a_wrong_key_and_a_forgotten_one_open_nothing_and_the_true_one_still_does(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        visitor = await bonded_visitor(rig, pod)
        await visitor.client.disconnect()
        visitor.heard.clear()
        store = visitor.device.keystore
        [(name, true_keys)] = await store.get_all()

        wrong = PairingKeys(address_type=true_keys.address_type, ltk=PairingKeys.Key(bytes(16)))
        await store.update(name, wrong)
        with pytest.raises(BleakError):
            await visitor.connect()
        assert visitor.heard == []

        await store.delete(name)
        await visitor.connect()
        await visitor.is_refused_everything()
        await visitor.pairs_in_vain()
        assert visitor.heard == []
        assert pod.ask("(pod.radio.refusals, pod.pairing.bonds())") == (1, 2)

        await store.update(name, true_keys)
        await visitor.connect()
        assert len(await visitor.client.read_gatt_char(IDENTITY)) == 102
        unharmed(recorder, pod)

    whole(record(tmp_path, story))


def garbage(rng: random.Random) -> bytes:
    """What no host writes: noise, requests that do not exist, wrong lengths, and more than fits."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(rng.randrange(1, 245))
    if kind == 1:
        return bytes([2, rng.randrange(0x10, 0x100), 9])
    if kind == 2:
        return bytes([rng.randrange(2, 256), rng.randrange(1, 0x10), 9]) + rng.randbytes(rng.randrange(0, 4))
    return rng.randbytes(600)


def harmless_garbage(rng: random.Random) -> bytes:
    """Garbage in which no request of an owner is hidden that would change or end the run."""
    while True:
        value = garbage(rng)
        if not any(code in value for code in (0x03, 0x05, 0x06, 0x08, 0x0A, 0x0B, 0x0F)):
            return value


def flood(rng: random.Random, seconds: float) -> Iterator[bytes]:
    """Writes of a second central: garbage, single requests, and as many as fit into one write."""
    everything = [*HARMFUL, *(write_request(each, 9) for each in (Hello(), StartRun(), Get(1), SetMark(1), SetTime(5)))]
    end_s = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end_s:
        if rng.random() < 0.5:
            yield garbage(rng)
        else:
            yield b"".join(rng.choices(everything, k=rng.choice((1, 1, 20))))[:LONGEST]


async def pour(visitor: Visitor, seconds: float, response: bool) -> int:
    """Write without a pause; without responses, four in each connection interval. How many were written."""
    count = 0
    for value in flood(random.Random(4), seconds):
        try:
            await visitor.write(value, response)
        except BleakError as error:
            assert len(value) > LONGEST and "INVALID_ATTRIBUTE_LENGTH" in str(error)
        count += 1
        if not response and count % 4 == 0:
            await asyncio.sleep(0.015)
    return count


@pytest.mark.parametrize("response", [True, False])
def test_a_bonded_central_that_floods_is_told_busy(tmp_path: Path, response: bool) -> None:
    flooded(tmp_path, response, 500, 20 if response else 8)


@pytest.mark.soak
@pytest.mark.parametrize("response", [True, False])
@pytest.mark.parametrize("rate_hz", [500, 1000])
def test_a_flood_of_minutes(tmp_path: Path, response: bool, rate_hz: int) -> None:
    flooded(tmp_path, response, rate_hz, 180)


def flooded(folder: Path, response: bool, rate_hz: int, seconds: float) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        visitor = await bonded_visitor(rig, pod)
        count = await pour(visitor, seconds, response)
        await soon_recording(recorder)
        assert count > 20 * seconds
        answers = visitor.answers()
        assert len(answers) > 20
        assert {answer[2] for answer in answers} <= {BUSY, WRONG_LENGTH}  # or a wrong length, which is seen first
        assert {answer[2] for answer in answers} >= {BUSY}
        assert not any(uuid == DATA for uuid, _ in visitor.heard)
        assert pod.ask("pod.settings.get(1)") == rate_hz
        unharmed(recorder, pod)

    whole(record(folder, story, {"rate_hz": rate_hz}))


def test_a_flood_over_the_owners_own_link(tmp_path: Path) -> None:
    """As from another program of the same computer: the pod takes it for the owner's and answers all it can."""

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        rng = random.Random(5)
        [connection] = rig.laptop.connections.values()
        peer = Peer(connection)
        await peer.discover_services()
        await peer.discover_characteristics()
        [control] = [each for service in peer.services for each in service.characteristics if each.uuid == CONTROL]
        for _ in range(2000):
            value = harmless_garbage(rng) if rng.random() < 0.5 else write_request(Get(1), 200) * rng.choice((1, 40))
            await control.write_value(value[:LONGEST], with_response=False)
            if rng.random() < 0.25:
                await asyncio.sleep(0.015)
        assert pod.ask("pod.radio.listener.inbox.lost") > 0
        await soon_recording(recorder)
        assert pod.ask("(pod.health.faults, pod.radio.listener.faults)") == (0, 0)

    whole(record(tmp_path, story))


def forgotten(folder: Path) -> tuple[Outcome, list[str]]:
    """A pod that was told in mid-run to forget its bonds; then what notes say, and what a puller with `pair` meets."""
    said: list[str] = []

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        await asyncio.sleep(3)
        await pod.press(10_500)
        assert pod.ask("pod.pairing.bonds()") == 0
        await asyncio.sleep(5)
        assert recorder.figures.state == "reconnecting"
        said.append(recorder.figures.notes[-1])
        recorder.stop()
        recorder.stop()
        while recorder.figures.state != "ended":
            await asyncio.sleep(0.1)
        await pod.press(200)  # without a link this ends the run
        for _ in range(2):
            await pod.open_pairing()
            puller = await puller_for(pod, folder / "runs")
            try:
                [kept] = await puller.list()
                await puller.pull(kept.run, lambda _here, _in_all: None)
                break
            except PodError as error:
                said.append(str(error))
            finally:
                await puller.close()

    return record(folder, story), said


def test_a_pod_that_forgot_its_bonds_gives_the_rest_to_who_pairs_anew(tmp_path: Path) -> None:
    """The recorder is let in no more; what it has is sound, the pod goes on alone, and a pull joins the two."""
    outcome, said = forgotten(tmp_path)
    assert isinstance(outcome.failure, LinkLost)
    assert "surefoot pull" in " ".join(outcome.sentences)
    assert len(said) < 3, said  # one refusal at most, by which the old bond goes
    recorded.whole(outcome.files[0].path)


Mischief = Callable[[random.Random, bytes, list[bytes]], list[bytes]]


def changed(rng: random.Random, packet: bytes) -> bytes:
    """The same packet with other samples."""
    at = rng.randrange(16, len(packet))
    return packet[:at] + bytes([packet[at] ^ rng.randrange(1, 256)]) + packet[at + 1 :]


def of_another_run(packet: bytes) -> bytes:
    """A packet with a number that this run will have in a second or two."""
    sequence = int.from_bytes(packet[4:7], "little") + 40
    return packet[:4] + sequence.to_bytes(3, "little") + bytes([packet[7] + 1 & 255]) + packet[8:]


# What comes in addition to a packet, after it; `before` are those that came before it.
MISCHIEF: dict[str, Mischief] = {
    "each packet twice": lambda rng, packet, before: [packet],
    "old packets again": lambda rng, packet, before: rng.choices(before, k=2),
    "packets of another run": lambda rng, packet, before: [of_another_run(packet)],
    "packets with other samples": lambda rng, packet, before: [changed(rng, packet), changed(rng, rng.choice(before))],
    "noise": lambda rng, packet, before: [rng.randbytes(rng.randrange(1, 245)), b""],
    "a format of later": lambda rng, packet, before: [bytes([packet[0] + 0x10]) + packet[1:]],
    "counts that do not fit": lambda rng, packet, before: [packet[:2] + bytes([rng.randrange(256)]) + packet[3:-1]],
    "pieces that belong to nothing": lambda rng, packet, before: [bytes([rng.choice((0x80, 0x81, 0xC3))]) + packet[1:]],
}


def test_packets_that_come_again_or_are_none(tmp_path: Path) -> None:
    """By a radio that hands over more than the pod sent; the air itself cannot: it is encrypted and counted."""
    mischievous(tmp_path, lambda rng, *packets: rng.choice(list(MISCHIEF.values()))(rng, *packets))


@pytest.mark.soak
@pytest.mark.parametrize("kind", MISCHIEF)
def test_a_minute_of_packets_that_come_again_or_are_none(tmp_path: Path, kind: str) -> None:
    mischievous(tmp_path, MISCHIEF[kind], seconds=60, rate_hz=1000)


@pytest.mark.parametrize("instead", [False, True])
def test_pieces_of_packets_among_pieces_of_others(tmp_path: Path, instead: bool) -> None:
    """At a small MTU a foreign piece, or one in the place of another, breaks a packet: it is fetched again."""

    def mischief(rng: random.Random, packet: bytes, before: list[bytes]) -> list[bytes]:
        return [rng.choice(before[-3:])] if rng.random() < 0.02 else []

    mischievous(tmp_path, mischief, mtu=23, rate_hz=200, instead=instead)


def mischievous(
    folder: Path, mischief: Mischief, mtu: int = 517, seconds: float = 8, rate_hz: int = 500, instead: bool = False
) -> None:
    """Record while `mischief` adds to what is notified on data, or puts it `instead`."""
    extra: list[bytes] = []

    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        rng, before, called = random.Random(6), [], pod.called
        data = pod.ask("pod.radio.handles.data").to_bytes(2, "little")

        def called_with_more(kind: int, body: bytes) -> bytes:
            if kind != SEND or body[1:3] != data:
                return called(kind, body)
            before.append(body[3:])
            more = mischief(rng, body[3:], before)
            extra.extend(more)
            said = b"\0\0" if instead and more else called(kind, body)
            for value in more:
                called(SEND, body[:3] + value)
            return said

        pod.called = called_with_more  # type: ignore[method-assign]
        await asyncio.sleep(seconds)
        pod.called = called  # type: ignore[method-assign]
        await soon_recording(recorder)
        unharmed(recorder, pod)

    found = whole(record(folder, story, {"rate_hz": rate_hz}, mtu))
    assert len(extra) > 20
    assert len(found.indices()) > seconds * rate_hz


def test_a_second_recorder_on_another_computer_is_told_who_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        visitor = await bonded_visitor(rig, pod)
        await visitor.client.disconnect()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "pod1"))  # of another computer
        with installed(visitor.device):
            second = await recorder_for(pod, tmp_path / "second", pair=False)
            with pytest.raises(PodBusy, match="another device drives it"):
                await second.run()
        unharmed(recorder, pod)

    whole(record(tmp_path, story))
    assert not list((tmp_path / "second").glob("*"))


def test_a_second_recorder_on_the_same_computer_is_told_so(tmp_path: Path) -> None:
    async def story(rig: Rig, pod: Pod, recorder: Recorder) -> None:
        second = await recorder_for(pod, tmp_path / "second", pair=False)
        with suppress(PodError):
            try:
                await second.run()
            except PodBusy as busy:
                told.append(str(busy))
        unharmed(recorder, pod)

    told: list[str] = []
    whole(record(tmp_path, story))
    assert told


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is of Linux")
def test_record_twice_on_one_computer(tmp_path: Path) -> None:
    """By the command line, two processes over one BlueZ, each into a folder of its own; in real time."""
    asyncio.run(recorded_twice(tmp_path))
    [path] = (tmp_path / "first").glob("*.run")
    assert recorded.whole(path).count(recorded.LINK) == 1


async def recorded_twice(folder: Path) -> None:
    async with Rig(folder) as rig:
        pod = await ready_pod(rig)
        async with service(rig.laptop) as bus:
            program = (
                sys.executable,
                "-m",
                "surefoot",
                "record",
                "--plain",
                "--no-stand",
                "--no-analyze",
                "--pod",
                pod.name,
            )
            first = asyncio.create_task(run_app(bus, *program, "--out", str(folder / "first"), "--duration", "25"))
            async with asyncio.timeout(60):
                while not list(folder.glob("first/*.run")):
                    await asyncio.sleep(0.2)
            await asyncio.sleep(5)
            second = await run_app(bus, *program, "--out", str(folder / "second"), "--duration", "8", timeout_s=90)
            assert (await first).returncode == 0
            assert second.returncode == 2
