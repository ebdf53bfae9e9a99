"""Putting a pod onto a board, with the cable pulled and the program killed at every piece of work on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from surefoot.flash import build
from surefoot.flash.belongings import FILES
from surefoot.flash.bench import OPENS
from surefoot.flash.found import BEGUN, FIRMWARE_AT, Kind, look, table_sector
from surefoot.flash.image import read_image
from surefoot.flash.install import RETURNS
from surefoot.flash.loader import Region
from surefoot.flash.plan import check_fits, content, plan
from surefoot.flash.trouble import BoardError, ImageError, LoaderLost, OtherBoard, PodSilent, ReadBackDiffers
from surefoot.usb.trouble import BoardRaised, NoAnswer
from tests.rig.flash_bench import DEVICE, SILENT, BytesBoard, BytesLoader, BytesRepl, Killed, flash_once
from tests.rig.usb import image

BODY = bytes(range(256)) * 60
BOARDS = {"esp32_devkitc": "esp32", "xiao_esp32c3": "esp32c3", "xiao_esp32s3": "esp32s3"}
KEPT = {name: name.encode() * 9 for name in FILES}


@pytest.fixture(scope="module")
def contents():
    """What each board shall hold."""
    made = {}
    for board, chip in BOARDS.items():
        made[board] = content(board, read_image(image.firmware(chip, version="v1.28.0", body=BODY), "a.bin"), "a.bin")
    return made


@pytest.fixture(scope="module")
def older(contents):
    """What an older pod holds: another MicroPython, another firmware."""
    wanted = contents["xiao_esp32c3"]
    before = read_image(image.firmware("esp32c3", version="v1.27.0", body=b"older" * 3000), "b.bin")
    program = Region("MicroPython 1.27.0", wanted.regions[2].offset, before.app)
    firmware = replace(wanted.regions[3], data=wanted.regions[3].data[:0x500] + b"older" * 1000)
    return replace(wanted, regions=(*wanted.regions[:2], program, firmware))


@pytest.fixture(scope="module")
def ours():
    return frozenset(table_sector(build.table_of(facts)).data for facts in build.boards().values())


def new_board(name):
    facts = build.boards()[name]
    return BytesBoard(facts.chip, facts.flash_mb)


def with_arduino(name):
    """A board with somebody else's program, whose files and settings lie everywhere."""
    board = new_board(name)
    whole = image.firmware(board.chip.name, project="blink", version="1.0", body=BODY)
    board.flash[0x9000:0x10000] = b"\x5a" * 0x7000
    board.flash[0x200000:] = b"\x5a" * (len(board.flash) - 0x200000)
    board.put(image.BOOTLOADER_AT[board.chip.name], whole)
    return board


def an_older_pod(older, ours, tmp_path):
    """A C3 with settings, bonds and runs."""
    board = new_board("xiao_esp32c3")
    flash_once(board, older, ours, tmp_path)
    board.files = {**board.files, **KEPT, "boot.py": b"older"}
    board.flash[board.place("runs")] = bytes(range(256)) * 6144
    board.flash[0x9000:0x10000] = b"nvs." * 0x1C00
    return board


def is_a_pod(board, wanted):
    """Whether all of it is there, by the images' own checks and by the bytes that were made."""
    assert board.starts
    for region in wanted.regions:
        assert board.flash[region.offset : region.end] == region.data, region.name
    assert BEGUN not in board.flash
    files = board.files
    assert {name: files[name] for name in wanted.files} == wanted.files
    return True


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize("made", [new_board, with_arduino])
def test_a_board_becomes_a_pod(name, made, contents, ours, tmp_path):
    board = made(name)
    done = flash_once(board, contents[name], ours, tmp_path)
    assert is_a_pod(board, contents[name])
    assert (
        done.flashed and done.returns == 0 and len(done.written) == 4 and sorted(done.files) == ["boot.py", "main.py"]
    )
    assert set(board.flash[board.place("runs")]) == {0xFF}
    found = look(BytesLoader(board), ours, lambda done, total: None)
    assert (found.kind, found.board, found.version) == (Kind.POD, name, "0.1.0")


def test_the_second_time_nothing_is_written(contents, ours, tmp_path):
    board, wanted = new_board("xiao_esp32s3"), contents["xiao_esp32s3"]
    flash_once(board, wanted, ours, tmp_path)
    before = bytes(board.flash)
    done = flash_once(board, wanted, ours, tmp_path)
    assert (done.written, done.files, done.begun) == ([], [], False)
    assert bytes(board.flash) == before


def test_an_update_keeps_what_the_pod_keeps(contents, older, ours, tmp_path):
    board, wanted = an_older_pod(older, ours, tmp_path), contents["xiao_esp32c3"]
    runs, nvs = bytes(board.flash[board.place("runs")]), bytes(board.flash[0x9000:0x10000])
    done = flash_once(board, wanted, ours, tmp_path)
    assert is_a_pod(board, wanted)
    assert (done.written, done.files) == (["MicroPython 1.28.0", "the firmware"], ["boot.py"])
    assert {name: board.files[name] for name in KEPT} == KEPT
    assert bytes(board.flash[board.place("runs")]) == runs
    assert bytes(board.flash[0x9000:0x10000]) == nvs


def moved(contents):
    """The same board with another partition table: a later version of the layout."""
    wanted = contents["xiao_esp32c3"]
    table = tuple(
        replace(part, size=part.size // 2) if part.name == "vfs" else part
        for part in wanted.table
        if part.name != "runs"
    )
    regions = (wanted.regions[0], table_sector(list(table)), *wanted.regions[2:])
    return replace(wanted, table=table, regions=regions)


def pulled(make, wanted, ours, state, at, kill):
    """Flash a board with the cable pulled, or the program killed, at piece `at`; whether it came so far."""
    board = make()
    board.work, board.pull_at, board.kill = 0, at, kill
    try:
        done = flash_once(board, wanted, ours, state)
        came = done.returns == 1
    except Killed:
        came = True
        flash_once(board, wanted, ours, state)
    except LoaderLost:
        # before anything was begun: while it was looked at
        assert not kill
        came = True
        flash_once(board, wanted, ours, state)
    return board, came


@pytest.mark.parametrize("kill", [False, True], ids=["cable", "kill"])
@pytest.mark.parametrize("story", ["new", "arduino", "update", "moved"])
def test_wherever_it_breaks_off_it_ends_right(story, kill, contents, older, ours, tmp_path):
    wanted = contents["xiao_esp32c3"]
    pod = None if story in ("new", "arduino") else an_older_pod(older, ours, tmp_path)
    stock = pod or (new_board if story == "new" else with_arduino)("xiao_esp32c3")
    if story == "moved":
        wanted = moved(contents)
        ours = ours | {wanted.sector.data}
    runs = None if pod is None else bytes(pod.flash[pod.place("runs")])

    def again():
        board = new_board("xiao_esp32c3")
        board.flash[:] = stock.flash
        return board

    at, came = 0, True
    while came:
        board, came = pulled(again, wanted, ours, tmp_path, at, kill)
        assert is_a_pod(board, wanted), at
        if story in ("update", "moved"):
            assert {name: board.files[name] for name in KEPT} == KEPT, at
        if story == "update":
            assert bytes(board.flash[board.place("runs")]) == runs, at
        assert not list(tmp_path.iterdir()), at
        at += 1
    assert at > (20 if story == "update" else 60)


def test_a_cable_that_always_goes_ends_the_patience(contents, ours, tmp_path, monkeypatch):
    board = new_board("esp32_devkitc")

    def always(self, regions, on_progress=None):
        raise self._lost()

    monkeypatch.setattr(BytesLoader, "write", always)
    with pytest.raises(LoaderLost):
        flash_once(board, contents["esp32_devkitc"], ours, tmp_path)
    assert board.work < 10 * (RETURNS + 1)


def test_a_board_that_misses_the_first_ctrl_c_is_asked_again(contents, ours, tmp_path, monkeypatch):
    board, wanted, missed = new_board("xiao_esp32c3"), contents["xiao_esp32c3"], []
    answering = BytesRepl.__init__

    def deaf_at_first(self, board):
        if len(missed) < OPENS - 1:
            missed.append(1)
            raise NoAnswer(DEVICE, 1.0, "the board did not answer", "press its reset button")
        answering(self, board)

    monkeypatch.setattr(BytesRepl, "__init__", deaf_at_first)
    assert flash_once(board, wanted, ours, tmp_path).flashed and len(missed) == OPENS - 1
    monkeypatch.setattr(BytesRepl, "__init__", lambda self, board: missed.clear() or deaf_at_first(self, board))
    with pytest.raises(NoAnswer):
        flash_once(board, wanted, ours, tmp_path)


def test_another_board_that_comes_back_is_left_alone(contents, ours, tmp_path, monkeypatch):
    board = with_arduino("esp32_devkitc")

    def swapped(self, regions, on_progress=None):
        board.mac = "24:0a:c4:00:00:01"
        raise self._lost()

    monkeypatch.setattr(BytesLoader, "write", swapped)
    before = bytes(board.flash)
    with pytest.raises(OtherBoard, match="another board is there now"):
        flash_once(board, contents["esp32_devkitc"], ours, tmp_path)
    assert bytes(board.flash) == before and not board.in_loader


def test_a_stuck_bit_is_found(contents, ours, tmp_path):
    board, wanted = new_board("esp32_devkitc"), contents["esp32_devkitc"]
    app = wanted.regions[2]
    at = next(at for at in range(0x1000, len(app.data)) if app.data[at] & 4)
    board.stuck = {app.offset + at: 4}
    with pytest.raises(ReadBackDiffers) as caught:
        flash_once(board, wanted, ours, tmp_path)
    assert (caught.value.region, caught.value.offset) == ("MicroPython 1.28.0", app.offset + at)


def test_a_program_that_does_not_fit_its_partition_is_refused(contents):
    """It would lie over the firmware and the pod's files."""
    room = contents["esp32_devkitc"].place("factory").size
    big = read_image(image.firmware("esp32", version="v1.28.0", body=bytes(room)), "big.bin")
    with pytest.raises(ImageError, match=r"MicroPython 1.28.0 does not fit into the 2.2 MB of its partition"):
        content("esp32_devkitc", big, "big.bin")


def test_a_board_that_stays_in_its_loader_is_waited_for(contents, ours, tmp_path, monkeypatch):
    """Somebody held BOOT: it starts when reset is pressed, which is asked for."""
    board, said = new_board("xiao_esp32c3"), []
    monkeypatch.setattr(BytesLoader, "start", lambda self: None)

    def say(sentence):
        said.append(sentence)
        board.in_loader = False

    done = flash_once(board, contents["xiao_esp32c3"], ours, tmp_path, show=replace(SILENT, say=say))
    assert said == ["The board does not answer yet. Press its reset button now, with BOOT not held."]
    assert done.files == ["boot.py", "main.py"]


def test_after_a_failure_at_its_prompt_a_board_is_restarted(contents, ours, tmp_path, monkeypatch):
    board, wanted = new_board("xiao_esp32c3"), contents["xiao_esp32c3"]
    flash_once(board, wanted, ours, tmp_path)
    before = board.resets

    def full(self, name):
        raise BoardRaised(DEVICE, "OSError: 28")

    monkeypatch.setattr(BytesRepl, "hash", full)
    with pytest.raises(PodSilent, match=r"OSError: 28.*--erase"):
        flash_once(board, wanted, ours, tmp_path)
    assert board.resets == before + 2  # out of the loader, and out of the prompt


def test_a_locked_chip_is_refused(ours):
    board = with_arduino("esp32_devkitc")
    board.locked = ("secure boot",)
    with pytest.raises(BoardError, match="secure boot is on"):
        look(BytesLoader(board), ours, lambda done, total: None)


def found(board, ours):
    return look(BytesLoader(board), ours, lambda done, total: None)


def test_what_is_in_flash_is_named(older, ours, tmp_path):
    assert found(new_board("xiao_esp32c3"), ours).content == "nothing"
    arduino = found(with_arduino("xiao_esp32c3"), ours)
    assert (arduino.kind, arduino.content) == (Kind.OTHER, "another program: blink 1.0")
    bare = new_board("esp32_devkitc")
    bare.put(0x1000, image.firmware("esp32", version="v1.24.1"))
    assert found(bare, ours).content == "MicroPython 1.24.1, with the partitions of another project"
    pod = an_older_pod(older, ours, tmp_path)
    assert found(pod, ours).content == "a Surefoot pod, firmware 0.1.0 for xiao_esp32c3, MicroPython 1.27.0"
    pod.flash[:0x9000] = b"\x33" * 0x9000
    assert found(pod, ours).kind is Kind.OTHER


def test_the_plan_says_what_is_lost(contents, older, ours, tmp_path):
    wanted = contents["xiao_esp32c3"]
    for board, lost, emptied in (
        (new_board("xiao_esp32c3"), (), 3),
        (with_arduino("xiao_esp32c3"), ("blink 1.0, with all its files",), 3),
        (an_older_pod(older, ours, tmp_path), (), 0),
    ):
        todo = plan(found(board, ours), wanted, ())
        assert (todo.loses, len(todo.erases), todo.rescues) == (lost, emptied, False)
    todo = plan(found(an_older_pod(older, ours, tmp_path), ours), moved(contents), ())
    assert todo.rescues and todo.loses == ("runs on the pod that were not fetched",)


def test_nothing_is_ever_written_over_what_is_kept(contents, ours, tmp_path):
    """From the table alone: no region that an update writes reaches into a partition that the pod keeps."""
    for wanted in contents.values():
        kept = [part for part in wanted.table if part.name in ("nvs", "phy_init", "vfs", "runs")]
        for region in wanted.regions:
            assert all(region.end <= part.offset or region.offset >= part.end for part in kept), region.name


def test_a_board_that_cannot_be_it_is_refused(contents, ours):
    small = BytesBoard("esp32s3", 4)
    with pytest.raises(BoardError, match="4 MB of flash and xiao_esp32s3 needs 8 MB"):
        check_fits("port", found(small, ours), contents["xiao_esp32s3"])
    with pytest.raises(BoardError, match="it has ESP32-S3 and xiao_esp32c3 has esp32c3"):
        check_fits("port", found(small, ours), contents["xiao_esp32c3"])
    (said,) = check_fits("port", found(BytesBoard("esp32c3", 16), ours), contents["xiao_esp32c3"])
    assert said == "It has 16 MB of flash; xiao_esp32c3 uses 4 MB of them."


def test_a_region_ends_behind_its_last_byte():
    assert Region("a", 0x1000, b"abc").end == 0x1003


def test_every_table_has_the_firmware_in_one_place(contents):
    """The mark of an installation that was broken off is looked for there before the table is known."""
    for facts in build.boards().values():
        places = {part.name: part for part in build.table_of(facts)}
        assert places["romfs"].offset == FIRMWARE_AT
    # written in the order of places: the firmware, which takes away the mark, is the last
    assert all(wanted.regions[-1].offset == FIRMWARE_AT for wanted in contents.values())
    assert all([one.offset for one in w.regions] == sorted(one.offset for one in w.regions) for w in contents.values())
