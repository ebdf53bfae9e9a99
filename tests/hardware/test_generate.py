"""The command that makes and compares the hardware's files."""

import pytest

from hardware.generate import __main__ as generate
from hardware.generate.design import load


def test_the_design_breaks_no_rule():
    assert generate.rule_faults(load()) == []


def test_a_missing_a_changed_and_a_leftover_file_are_found(tmp_path):
    made, committed = tmp_path / "made" / "x", tmp_path / "committed" / "x"
    for room in (made, committed):
        room.mkdir(parents=True)
        (room / "same").write_bytes(b"1")
    (made / "new").write_bytes(b"1")
    (made / "other").write_bytes(b"1")
    (committed / "other").write_bytes(b"2")
    (committed / "old").write_bytes(b"1")
    (committed / "page.md").write_bytes(b"by hand")
    assert generate.differences(made.parent, committed.parent) == [
        "x/new is not committed",
        "x/other differs from what is made",
    ]
    names = [path.relative_to(made.parent) for path in made.iterdir()]
    assert generate.leftovers(["x"], names, committed.parent) == ["x/old is committed and no longer made"]


def test_checking_says_what_differs(monkeypatch, tmp_path, capsys):
    """Against an empty folder everything is missing."""
    monkeypatch.setattr(generate, "HARDWARE", tmp_path)
    assert generate.main(["--check", "bom"]) == 1
    assert "bom: parts/README.md is not committed" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_making_writes_and_is_then_as_committed(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(generate, "HARDWARE", tmp_path)
    assert generate.main(["bom"]) == 0
    assert generate.main(["--check", "bom"]) == 0
    assert "bom: as committed" in capsys.readouterr().out


def test_an_unknown_thing_is_refused(capsys):
    with pytest.raises(SystemExit):
        generate.main(["shoes"])
    assert "nobody makes shoes" in capsys.readouterr().err
