"""Which firmware is taken: its boards' files are executed, so not any folder that is called like it."""

from __future__ import annotations

from surefoot.flash import build


def test_in_an_installed_package_it_is_its_own_firmware(tmp_path):
    """`pip install --target ~/lib`, and somebody's ~/firmware beside it."""
    package = tmp_path / "lib" / "surefoot"
    (package / "firmware").mkdir(parents=True)
    (tmp_path / "firmware").mkdir()
    assert build.sources(package) == package / "firmware"


def test_in_a_checkout_it_is_that_of_the_checkout(tmp_path):
    package = tmp_path / "host" / "surefoot"
    package.mkdir(parents=True)
    (tmp_path / "firmware").mkdir()
    assert build.sources(package) == tmp_path / "firmware"
    assert (build.FIRMWARE / "boards" / "xiao_esp32c3.py").is_file()
