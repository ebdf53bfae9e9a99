"""What a self-test comes to: passed, failed, or to be done again."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.errors import OutputError
from surefoot.selftest.checks import Check, judged, not_measured
from surefoot.selftest.report import Report, demand_folder
from surefoot.wire.records import Start
from tests.rig.made_packets import start_packet

GOOD = judged("a", "noise", "1", "2", good=True)
BAD = judged("b", "bias", "3", "2", good=False)
SHOOK = not_measured("c", "gaps", "it shook")
NO_GAUGE = not_measured("d", "gauge", "there is none", again=False)


def report(*checks: Check) -> Report:
    return Report("Surefoot 3A7F", "USB", Start.from_bytes(start_packet(1)[16:]), 0, checks, {})


@pytest.mark.parametrize(
    ("checks", "passed", "conclusion"),
    [
        ((GOOD, GOOD), True, "passes 2 of 2 checks."),
        ((GOOD, NO_GAUGE), True, "passes 1 of 2 checks; not measured: gauge."),
        ((GOOD, SHOOK), False, "passes 1 of 2 checks; not measured: gaps; do the test again."),
        ((GOOD, BAD, SHOOK), False, "does not pass: bias; not measured: gaps. It passes 1 of 3 checks."),
        ((NO_GAUGE,), False, "passes 0 of 1 check; not measured: gauge; do the test again."),
    ],
)
def test_the_conclusion(checks: tuple[Check, ...], passed: bool, conclusion: str) -> None:
    found = report(*checks)
    assert found.passed is passed
    assert found.as_dict()["passed"] is passed
    assert found.conclusion == f"Surefoot 3A7F {conclusion}"


def test_a_folder_is_made_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    demand_folder(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize("where", ["file", "file/below"])
def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="name another folder"):
        demand_folder(tmp_path / where)
