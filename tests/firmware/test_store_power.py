"""The power goes at every byte: what `append` took is there, nothing else is, and the store goes on."""

from __future__ import annotations

import pytest
from pod.flash.store import RunStore
from pod.wire import packet

from tests.rig.board.nor_flash import NorFlash
from tests.rig.made_packets import end_packet, event_packet, sample_packet, start_packet
from tests.rig.power_history import RecordingFlash, Story, runs_of
from tests.rig.run_blocks import kept_packets, sequence


def told(blocks: int, size: int, runs: int, samples: int, garbage: int) -> Story:
    """Runs until the flash is full, with acknowledged parts erased between and an erased run; then one more."""
    flash = RecordingFlash(blocks, size, garbage)
    store = RunStore(flash, flash.ticks_us)
    store.mount()
    story = Story(flash, store)
    while store.prepare():
        pass
    for number in range(runs):
        story.begin()
        story.append(start_packet(story.run)) if number % 2 else story.append(event_packet(story.run, 0))
        for at in range(1, 16):
            story.append(sample_packet(story.run, at, 1 + (at + number) % samples))
            if at == 9:
                story.release(story.run, 7)
                store.tidy()
                store.prepare()
        story.append(end_packet(story.run, 16))
        store.close()
        if number % 3 == 1:
            story.erase(story.run)
        elif number % 3 == 2:
            story.release(story.run, 16)
            store.tidy()
        store.prepare()
        store.prepare()
    return story


def read_all(store: RunStore, run: int) -> list[bytes]:
    into = bytearray(packet.MAX_PACKET)
    found, at = [], store.seek(run, 0)
    while at >= 0:
        found.append(bytes(into[: store.read(run, at, into)]))
        at = store.seek(run, at + 1)
    return [each for each in found if each]


def check_what_is_there(story: Story, number: int, flash: NorFlash) -> RunStore:
    store = RunStore(flash, flash.ticks_us)
    store.mount()
    must_be, may_be = story.must_be_there(number), story.may_be_there(number)
    on_flash = kept_packets(flash.data, flash.size)
    assert not story.must_be_gone(number) & set(runs_of(store))
    for run in {run for run in must_be if must_be[run]} | set(runs_of(store)):
        expected = must_be.get(run, {})
        found = read_all(store, run)
        assert [each for each in found if sequence(each) in expected] == list(expected.values())
        assert all((run, each) in may_be for each in found)
        assert found, "a run without packets is no run"
        by_the_book = on_flash.get(run, [])
        assert [each for each in by_the_book if sequence(each) in expected] == list(expected.values())
    assert all((run, each) in may_be for run, packets in on_flash.items() for each in packets)
    return store


def check_that_it_goes_on(store: RunStore, flash: NorFlash) -> None:
    run = store.next_run()
    kept = kept_packets(flash.data, flash.size)
    assert run not in kept
    for _ in range(3):
        store.prepare()
    store.open(run)
    new = [
        each
        for each in (sample_packet(run, n, 1) for n in range(4))
        if store.append(bytearray(each), len(each), sequence(each))
    ]
    assert new or store.ready() <= 2
    assert kept_packets(flash.data, flash.size) == (kept | {run: new} if new else kept)
    again = RunStore(flash, flash.ticks_us)
    again.mount()
    assert read_all(again, run) == new


def check_every_cut(story: Story, step: int = 1) -> int:
    cuts = list(story.flash.cuts())[::step]
    for number, byte in cuts:
        flash = story.flash.cut_at(number, byte, seed=7 * number + byte)
        store = check_what_is_there(story, number, flash)
        check_that_it_goes_on(store, flash)
    return len(cuts)


def test_the_story_has_all_that_can_happen() -> None:
    story = told(8, 320, 3, 1, 0)
    flash = story.flash
    erased = [operation.block for operation in flash.operations if operation.view is None]
    assert len(erased) > 8, "blocks were reclaimed"
    assert any(operation.view == bytes(4) and operation.offset == 316 for operation in flash.operations)
    check_what_is_there(story, len(flash.operations), flash)


def test_power_goes_at_every_byte() -> None:
    assert check_every_cut(told(8, 320, 2, 1, 0)) > 1000


def test_power_goes_in_the_first_minutes_of_a_flash_full_of_garbage() -> None:
    story = told(8, 320, 1, 1, 99)
    assert check_every_cut(story, 3) > 200


@pytest.mark.soak
@pytest.mark.parametrize(("blocks", "size", "samples", "garbage"), [(12, 320, 2, 0), (9, 640, 9, 5)])
def test_power_goes_at_every_byte_of_a_longer_story(blocks: int, size: int, samples: int, garbage: int) -> None:
    assert check_every_cut(told(blocks, size, 5, samples, garbage)) > 3000
