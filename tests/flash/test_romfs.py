"""The firmware as a read-only file system."""

import json

from hypothesis import given
from hypothesis import strategies as st
from mpremote.romfs import make_romfs

from surefoot.flash import build, romfs


def fill(folder, files):
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


FILES = {"about.json": b"{}", "pod/a.mpy": b"\0" * 300, "pod/wire/b.mpy": b"b", "safe.mpy": b"s" * 20_000}


def test_it_is_what_mpremote_deploys(tmp_path):
    fill(tmp_path, FILES)
    made = romfs.pack(tmp_path)
    assert made == make_romfs(str(tmp_path), mpy_cross=False)
    assert romfs.files(made) == FILES


def test_the_firmware_says_first_whose_it_is(tmp_path):
    """In the first half kilobyte, which is all of it that is read to know a pod."""
    build.build("lolin32_lite", tmp_path / "out")
    head = romfs.pack(tmp_path / "out" / "rom")[:0x200]
    told = json.loads(romfs.files(head)[build.ABOUT])
    assert told == {"firmware": "surefoot", "board": "lolin32_lite", "version": "0.1.0"}


def test_what_is_cut_or_damaged_gives_whole_files_or_none(tmp_path):
    fill(tmp_path, FILES)
    made = romfs.pack(tmp_path)

    @given(cut=st.integers(0, len(made)), at=st.integers(0, len(made)), bit=st.integers(0, 7))
    def damaged(cut, at, bit):
        rest = bytearray(made[:cut])
        if at < len(rest):
            assert set(romfs.files(bytes(rest)).items()) <= set(FILES.items())
            rest[at] ^= 1 << bit
        for path, data in romfs.files(bytes(rest)).items():
            assert isinstance(path, str) and len(data) <= len(rest)

    damaged()


@given(data=st.binary(max_size=400))
def test_any_bytes_are_read(data):
    romfs.files(data)
    romfs.files(b"\xd2\xcd\x31" + data)
