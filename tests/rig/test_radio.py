"""The rig against what is known of its parts: the sensor's truth, the order of time, and what a radio may do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
from bumble import hci
from bumble.core import UUID, ProtocolError
from bumble.device import Peer

from surefoot.wire.requests import Fetch, ListRuns
from tests.rig.board.mpu6050 import Counter
from tests.rig.radio.plain_host import CONTROL, IDENTITY, PlainHost
from tests.rig.radio.pod import Pod
from tests.rig.radio.rig import Rig
from tests.rig.radio.virtual_loop import run_virtual

Body = Callable[[Rig, Pod, PlainHost], Awaitable[None]]


def recorded(folder: Path, body: Body, *, mtu: int = 517, rate_hz: int = 500, ppm: int = 0) -> PlainHost:
    """A bonded laptop that has begun a run; then what `body` does."""

    async def whole() -> PlainHost:
        async with Rig(folder, mtu) as rig:
            pod = await rig.pod(flash_blocks=64, ppm=ppm)
            host = PlainHost(pod)
            await host.connect(pair=True)
            await host.start(rate_hz)
            await body(rig, pod, host)
            return host

    folder.mkdir(exist_ok=True)
    return run_virtual(whole())


def whole_and_true(host: PlainHost, at_least: int) -> None:
    """Every sample once, in order, and bit for bit what the sensor made."""
    assert host.whole == len(host.packets)
    index, values = host.samples()
    assert len(index) >= at_least
    np.testing.assert_array_equal(index, np.arange(len(index)))
    numbers = [Counter.index(value.astype(">i2").tobytes()) for value in values]
    np.testing.assert_array_equal(np.diff(numbers), 1)
    assert numbers[0] >= 0


async def three_seconds(rig: Rig, pod: Pod, host: PlainHost) -> None:
    await host.listen(3)


@pytest.mark.parametrize("rate_hz", [500, 1000])
def test_a_run_is_gapless_and_true(tmp_path: Path, rate_hz: int) -> None:
    host = recorded(tmp_path, three_seconds, rate_hz=rate_hz)
    whole_and_true(host, int(2.8 * rate_hz))
    assert len(host.arrivals) == len(host.packets)


def test_the_same_again_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the threads and the radio's random keys did: time is virtual."""
    first = recorded(tmp_path / "1", three_seconds, ppm=37)
    second = recorded(tmp_path / "2", three_seconds, ppm=37)
    assert first.arrivals == second.arrivals


def test_a_central_that_asks_for_no_mtu_gets_pieces(tmp_path: Path) -> None:
    host = recorded(tmp_path, three_seconds, mtu=23, rate_hz=200)
    whole_and_true(host, 400)


def test_a_slow_link_makes_the_stack_refuse_and_loses_nothing(tmp_path: Path) -> None:
    """One packet in 40 ms passes, of 27 a second; the stack holds three. What waits grows in the pod's ring."""

    async def body(rig: Rig, pod: Pod, host: PlainHost) -> None:
        pod.link.interval_ms, pod.link.per_event, pod.link.pool = 40.0, 1, 3
        await host.listen(6)
        assert pod.radio is not None
        assert pod.radio.refused > 5
        pod.link.interval_ms, pod.link.per_event, pod.link.pool = 15.0, 6, 12
        await host.listen(3)

    whole_and_true(recorded(tmp_path, body), 4000)


def test_who_leaves_right_after_pairing_is_bonded_on_both_sides(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await rig.pod()
            await pod.open_pairing()
            host = PlainHost(pod)
            await host.connect()
            await host.client.pair()
            await host.client.disconnect()
            await host.connect()
            assert len(await host.client.read_gatt_char(IDENTITY)) == 102

    run_virtual(body())


def test_without_the_button_nobody_pairs(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            host = PlainHost(await rig.pod())
            await host.connect()
            await host.client.pair()
            async with asyncio.timeout(2):
                await host.lost.wait()
            assert not await rig.laptop.keystore.get_all()
            await host.connect()
            with pytest.raises(Exception, match="INSUFFICIENT_AUTHENTICATION"):
                await host.client.read_gatt_char(IDENTITY)

    run_virtual(body())


def test_a_bond_survives_a_power_cut_and_forgetting_ends_it(tmp_path: Path) -> None:
    async def body(rig: Rig, pod: Pod, host: PlainHost) -> None:
        await host.listen(1)
        pod.power_cut()
        cut_s = asyncio.get_running_loop().time()
        await host.lost.wait()
        assert asyncio.get_running_loop().time() - cut_s == pytest.approx(pod.link.supervision_s, abs=0.1)
        await pod.start()
        await host.connect()
        assert len(await host.client.read_gatt_char(IDENTITY)) == 102
        await pod.press(10_500)
        await asyncio.wait_for(host.lost.wait(), 2)
        with pytest.raises(Exception, match=r"PIN_OR_KEY_MISSING|Failed to connect"):
            await host.connect()

    recorded(tmp_path, body)


def test_a_lost_link_is_noticed_by_both_sides_each_in_its_time(tmp_path: Path) -> None:
    async def body(rig: Rig, pod: Pod, host: PlainHost) -> None:
        loop = asyncio.get_running_loop()
        await host.listen(2)
        lost_s = loop.time()
        pod.link.lose()
        await asyncio.sleep(0.3)
        assert not pod.ask("pod.radio.linked()")
        assert not host.lost.is_set()
        await host.lost.wait()
        assert loop.time() - lost_s == pytest.approx(pod.link.supervision_s, abs=0.01)
        await host.connect()
        await host.start()
        await host.listen(2)
        await host.fetch_holes()

    whole_and_true(recorded(tmp_path, body), 3000)


@pytest.mark.parametrize(("hang_s", "survives"), [(0.05, True), (1.5, True), (2.5, False)])
def test_a_hang_delays_and_one_beyond_supervision_ends_the_link(tmp_path: Path, hang_s: float, survives: bool) -> None:
    async def body(rig: Rig, pod: Pod, host: PlainHost) -> None:
        await host.listen(1)
        before = len(host.arrivals)
        pod.link.hang(hang_s)
        await asyncio.sleep(hang_s - 0.001)
        assert len(host.arrivals) == before
        await asyncio.sleep(0.2)
        assert host.lost.is_set() is not survives
        assert pod.ask("pod.radio.linked()") is survives
        if not survives:
            await host.connect()
            await host.start()
        await host.listen(2)
        await host.fetch_holes()

    whole_and_true(recorded(tmp_path, body), 1500)


def test_a_pod_that_refuses_is_seen_but_not_reached(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await rig.pod()
            host = PlainHost(pod)
            pod.link.refuse(2)
            await host.connect()  # it tries again by itself
            assert asyncio.get_running_loop().time() > 2

    run_virtual(body())


def test_two_pods_at_once(tmp_path: Path) -> None:
    async def body() -> list[PlainHost]:
        async with Rig(tmp_path) as rig:
            hosts = [PlainHost(await rig.pod(ppm=ppm)) for ppm in (-50, 50)]
            for host in hosts:
                await host.connect(pair=True)
                await host.start()
            await asyncio.gather(*(host.listen(3) for host in hosts))
            return hosts

    for host in run_virtual(body()):
        whole_and_true(host, 1300)


def test_a_reset_starts_the_board_again(tmp_path: Path) -> None:
    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await rig.pod()
            await asyncio.sleep(1)
            boots = pod.ask("pod.record.boots")
            pod.tell("pod.leaving = 0")
            await asyncio.sleep(5)
            assert pod.off == ""
            assert (pod.ask("pod.record.boots"), pod.ask("pod.cause")) == (boots + 1, 2)

    run_virtual(body())


def test_a_stranger_may_connect_but_gets_nothing(tmp_path: Path) -> None:
    """By hand, with Bumble: reading, writing to control and pairing anew are refused; the run goes on unharmed."""

    async def body(rig: Rig, pod: Pod, host: PlainHost) -> None:
        pod.tell("pod.pairing.close()")
        await host.listen(1)
        stranger = await rig.stranger()
        connection = await stranger.connect(hci.Address(pod.address))
        peer = Peer(connection)
        await peer.discover_services()
        await peer.discover_characteristics()
        (control,) = peer.get_characteristics_by_uuid(UUID(CONTROL))
        with pytest.raises(ProtocolError, match="INSUFFICIENT_AUTHENTICATION"):
            await control.write_value(bytes([2, 3, 1]), with_response=True)
        gone = asyncio.Event()
        connection.on("disconnection", lambda _reason: gone.set())
        asyncio.get_running_loop().call_later(5, gone.set)
        with contextlib.suppress(ProtocolError, asyncio.CancelledError):
            await connection.pair()
        await gone.wait()
        assert not await stranger.keystore.get_all()
        assert not stranger.connections
        await host.listen(1)
        assert not host.lost.is_set()

    whole_and_true(recorded(tmp_path, body, rate_hz=200), 300)


def test_power_that_goes_while_flash_is_written_leaves_a_run_that_can_be_fetched(tmp_path: Path) -> None:
    """The laptop is gone and the pod keeps; the cut comes in the middle of a packet, which alone is lost."""

    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await rig.pod()
            host = PlainHost(pod)
            await host.connect(pair=True)
            await host.start(200)
            await host.client.disconnect()
            await asyncio.sleep(5)
            pod.tell("flash['runs'].cut_in = 3000")
            while not pod.off:
                await asyncio.sleep(1)
            assert pod.off == "power cut"
            await pod.start()
            await host.connect()
            answer = await host.ask(ListRuns())
            assert answer.data is not None
            kept = answer.data.packets  # type: ignore[attr-defined]
            host.run = 1
            await host.ask(Fetch(host.run))
            while not host.notices:
                await asyncio.sleep(0.1)
            assert sorted(host.packets) == list(range(kept))
            whole_and_true(host, 1000)

    run_virtual(body())


def test_in_real_time_the_same_program_runs(tmp_path: Path) -> None:
    """Only the order is looked at: how late this computer is says nothing."""

    async def body() -> None:
        async with Rig(tmp_path) as rig:
            pod = await rig.pod()
            pod.tell("pod.pairing.open(clock.ticks_ms())")
            host = PlainHost(pod)
            await host.connect()
            await host.client.pair()
            await host.start(200)
            while len(host.packets) < 10:
                await asyncio.sleep(0.05)
            assert host.whole == len(host.packets)

    asyncio.run(body())
