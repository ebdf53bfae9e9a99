"""What was on a board before, and another board in its place: nothing of anybody else is taken or overwritten."""

from __future__ import annotations

import base64
import json
import stat
from dataclasses import replace

import pytest

from surefoot.flash import build, partitions
from surefoot.flash.belongings import FILES, Belongings
from surefoot.flash.found import BEGUN, FIRMWARE_AT, Kind, look, table_sector
from surefoot.flash.image import read_image
from surefoot.flash.plan import content, plan
from surefoot.flash.trouble import OtherBoard
from tests.rig.flash_bench import SILENT, BytesBoard, BytesLoader, BytesRepl, Killed, bench, flash_once
from tests.rig.usb import image

BODY = bytes(range(256)) * 60
OTHER_MAC = "24:0a:c4:00:00:99"
OLD = {name: b"old " + name.encode() for name in FILES}
NEW = {"settings.0": b"new settings", "bonds.0": b"new bonds", "run.0": b"run 99"}


@pytest.fixture(scope="module")
def wanted():
    made = read_image(image.firmware("esp32c3", version="v1.28.0", body=BODY), "a.bin")
    return content("xiao_esp32c3", made, "a.bin")


@pytest.fixture(scope="module")
def ours():
    return frozenset(table_sector(build.table_of(facts)).data for facts in build.boards().values())


@pytest.fixture(scope="module")
def pod_flash(wanted, ours, tmp_path_factory):
    """All of the flash of a finished pod."""
    board = BytesBoard("esp32c3", 4)
    flash_once(board, wanted, ours, tmp_path_factory.mktemp("state"))
    return bytes(board.flash)


def sketch(project="blink"):
    return image.firmware("esp32c3", project=project, version="1.0", body=BODY)


def with_sketch(mac="24:0a:c4:12:5f:6e"):
    board = BytesBoard("esp32c3", 4, mac)
    board.put(0, sketch())
    board.put(0x300000, b"their files")
    return board


def found(board, ours):
    return look(BytesLoader(board), ours, lambda done, total: None)


def broken_off(board, wanted, ours, state, at):
    board.pull_at, board.kill = board.work + at, True
    with pytest.raises(Killed):
        flash_once(board, wanted, ours, state)
    board.kill = False


def first_work_with(board, wanted, ours, state, happened):
    """How many pieces of work it takes until `happened`, from a copy."""
    for at in range(10, 200):
        tried = with_sketch()
        tried.flash[:] = board.flash
        broken_off(tried, wanted, ours, state, at)
        if happened(tried):
            return at
    raise AssertionError("it never happens")


STAGES = {
    "emptied": lambda board: board.flash[0x300000:0x300005] == b"\xff" * 5,
    "table": lambda board: image.table(bytes(board.flash[0x8000:0x8C00])) and b"romfs" in board.flash[0x8000:0x8C00],
    "program": lambda board: b"micropython" in board.flash[0x10000:0x10100],
}


@pytest.fixture(scope="module", params=STAGES)
def half_done(request, wanted, ours, tmp_path_factory):
    """The flash of a board with a sketch on which flashing was broken off."""
    state = tmp_path_factory.mktemp("state")
    board = with_sketch()
    broken_off(board, wanted, ours, state, first_work_with(board, wanted, ours, state, STAGES[request.param]))
    assert board.flash[FIRMWARE_AT:].startswith(BEGUN)
    return request.param, bytes(board.flash)


def copy_of(flash):
    board = BytesBoard("esp32c3", 4)
    board.flash[:] = flash
    return board


def test_where_it_was_broken_off_nothing_is_asked_twice(half_done, wanted, ours):
    stage, flash = half_done
    at = found(copy_of(flash), ours)
    if stage == "emptied":
        # nothing of the pod's is there yet: for all that can be seen it is their board
        assert at.kind is Kind.OTHER and plan(at, wanted, ()).loses == ("blink 1.0, with all its files",)
    else:
        assert at.begun and at.content == "a Surefoot pod whose flashing was broken off"
        assert plan(at, wanted, ()).loses == ()


ARDUINO = """\
nvs,      data, nvs,     0x9000,   0x5000
app0,     app,  factory, 0x10000,  0x140000
spiffs,   data, fat,     0x290000, 0x160000
"""


@pytest.mark.parametrize(
    "what",
    ["another sketch", "the same sketch", "MicroPython", "another program alone", "other partitions", "no partitions"],
)
def test_what_somebody_put_there_since_is_asked_about(half_done, what, wanted, ours):
    _, flash = half_done
    board = copy_of(flash)
    if what == "another program alone":
        board.put(0x10000, sketch("weather")[0x10000:])
    elif what == "other partitions":
        board.put(0, sketch("weather"))
        board.put(0x8000, partitions.encode(partitions.parse(ARDUINO)).ljust(0x1000, b"\xff"))
    elif what == "no partitions":
        board.put(0, sketch("weather"))
        board.put(0x8000, b"\xff" * 0x1000)
    elif what == "MicroPython":
        board.put(0, image.firmware("esp32c3", version="v1.28.0", body=BODY))
    else:
        board.put(0, sketch("weather" if what == "another sketch" else "blink"))
    assert board.flash[FIRMWARE_AT:].startswith(BEGUN)
    at = found(board, ours)
    assert not at.begun
    assert len(plan(at, wanted, ()).loses) == 1


def two_boards(wanted, pod_flash):
    """A board to flash, another pod with files of its own, and which of them is at the cable."""
    first, other = with_sketch(), BytesBoard("esp32c3", 4, OTHER_MAC)
    other.flash[:] = pod_flash
    other.files = {**other.files, **NEW}
    first.answer = other.answer = f"{wanted.facts.name} {wanted.version}\n"
    return first, other


def swapping(boards, when):
    """What it is installed with where the second board takes the place of the first at `when`."""
    at_cable = [boards[0]]

    def swap(seconds):
        at_cable[0] = boards[1]

    if when == "the question":
        swap(0)
    on = bench(boards[0])
    return replace(
        on,
        loader=lambda device: BytesLoader(at_cable[0]),
        repl=lambda device: BytesRepl(at_cable[0]),
        sleep=swap if when == "the start" else on.sleep,
    )


@pytest.mark.parametrize("when", ["the question", "the start"])
def test_another_board_gets_nothing(when, wanted, ours, pod_flash, tmp_path):
    first, other = two_boards(wanted, pod_flash)
    before = bytes(other.flash)
    keep(tmp_path, first.mac, OLD)
    with pytest.raises(OtherBoard) as caught:
        flash_once(first, wanted, ours, tmp_path, on=swapping((first, other), when))
    assert caught.value.mac == OTHER_MAC
    assert bytes(other.flash) == before and not other.in_loader and other.resets == 1
    assert Belongings(tmp_path, first.mac).waiting


def test_another_boards_settings_are_not_taken(wanted, ours, pod_flash, tmp_path):
    first, other = two_boards(wanted, pod_flash)
    first.flash[:] = pod_flash
    moved = replace(wanted, regions=(wanted.regions[0], table_sector(list(wanted.table[:-1])), *wanted.regions[2:]))
    with pytest.raises(OtherBoard):
        flash_once(first, moved, ours, tmp_path, on=swapping((first, other), "the start"))
    assert not Belongings(tmp_path, first.mac).waiting and other.resets == 1


def keep(state, mac, files):
    path = Belongings(state, mac).path
    path.write_text(json.dumps({name: base64.b64encode(data).decode() for name, data in files.items()}))
    return path


def test_old_settings_do_not_overwrite_newer_ones(wanted, ours, pod_flash, tmp_path):
    board, said = copy_of(pod_flash), []
    board.files = {**board.files, **NEW}
    path = keep(tmp_path, board.mac, OLD)
    done = flash_once(board, wanted, ours, tmp_path, show=replace(SILENT, say=said.append))
    assert {name: data for name, data in board.files.items() if name in FILES} == NEW
    assert done.put_back == 0 and path.is_file()
    assert len(said) == 1 and str(path) in said[0] and "newer ones, which stay" in said[0]


@pytest.mark.parametrize("there_already", [(), ("settings.0", "settings.1")])
def test_settings_go_back_to_a_pod_without_others(there_already, wanted, ours, pod_flash, tmp_path):
    """Also where that was broken off in the middle."""
    board = copy_of(pod_flash)
    board.files = {**board.files, **{name: OLD[name] for name in there_already}}
    path = keep(tmp_path, board.mac, OLD)
    assert flash_once(board, wanted, ours, tmp_path).put_back == len(OLD)
    assert {name: board.files[name] for name in FILES} == OLD and not path.exists()


def test_what_is_taken_is_what_the_pod_has(pod_flash, tmp_path):
    board = copy_of(pod_flash)
    belongings = Belongings(tmp_path, board.mac)
    path = keep(tmp_path, board.mac, OLD)
    assert belongings.take(BytesRepl(board)) == len(OLD)  # the pod has none: what waits is all there is
    board.files = {**board.files, **NEW}
    assert belongings.take(BytesRepl(board)) == len(NEW)
    assert {name: base64.b64decode(text) for name, text in json.loads(path.read_text()).items()} == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_kept_either_where_the_cable_is_pulled(wanted, ours, pod_flash, tmp_path):
    for at in range(3, 10):  # from the first piece of work that is done after the question on
        board = copy_of(pod_flash)
        board.files = {**board.files, **NEW}
        board.pull_at = at
        done = flash_once(board, wanted, ours, tmp_path, anew=True)
        assert done.returns == 1 and sorted(board.files) == ["boot.py", "main.py"], at


def test_who_wants_nothing_kept_gets_nothing_back(wanted, ours, pod_flash, tmp_path):
    board = copy_of(pod_flash)
    board.files = {**board.files, **NEW}
    board.flash[board.place("runs")] = b"\x5a" * 0x180000
    path = keep(tmp_path, board.mac, OLD)
    done = flash_once(board, wanted, ours, tmp_path, anew=True)
    assert sorted(board.files) == ["boot.py", "main.py"] and not path.exists()
    assert len(done.written) == 4 and set(board.flash[board.place("runs")]) == {0xFF}
