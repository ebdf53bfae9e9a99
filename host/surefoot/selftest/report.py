"""The result of a self-test: a conclusion in one sentence, and a file to keep."""

from __future__ import annotations

import json
import platform
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from surefoot import __version__
from surefoot.errors import OutputError, reason, remedy
from surefoot.pod.gatt import pod_suffix
from surefoot.recording.new_file import new_file
from surefoot.selftest.checks import Check, Verdict
from surefoot.wire.records import Start
from surefoot.words import count_of

LAYOUT = 1


@dataclass(frozen=True)
class Report:
    """What was found.

    Attributes
    ----------
    pod, way : str
        Its name, and how it was reached.
    start : Start
        What it said about itself.
    utc_us : int
        When the test began.
    checks : tuple of Check
        In the order in which they were made.
    calibration : dict
        `before`, `after`: the six settings; None each where the pod is not calibrated.
    """

    pod: str
    way: str
    start: Start
    utc_us: int
    checks: tuple[Check, ...]
    calibration: dict[str, Any]

    def of(self, verdict: Verdict) -> list[Check]:
        """Return the checks with this verdict."""
        return [check for check in self.checks if check.verdict == verdict]

    @property
    def passed(self) -> bool:
        """Whether nothing failed, something was measured, and nothing is left that doing it again would measure."""
        left = any(check.again for check in self.checks)
        return not self.of(Verdict.FAIL) and bool(self.of(Verdict.PASS)) and not left

    @property
    def conclusion(self) -> str:
        """Return what it comes to, in a sentence."""
        failed, left = self.of(Verdict.FAIL), self.of(Verdict.NOT_MEASURED)
        open_ones = f"; not measured: {_names(left)}" if left else ""
        passes = f"{len(self.of(Verdict.PASS))} of {count_of(len(self.checks), 'check')}"
        if failed:
            return f"{self.pod} does not pass: {_names(failed)}{open_ones}. It passes {passes}."
        again = "" if self.passed else "; do the test again"
        return f"{self.pod} passes {passes}{open_ones}{again}."

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for a file or a program."""
        start = self.start
        return {
            "layout": LAYOUT,
            "pod": self.pod,
            "serial": start.serial_number.hex(),
            "board": start.board,
            "sensor": start.sensor_part,
            "who_am_i": start.who_am_i,
            "rate_hz": start.rate_hz,
            "firmware": ".".join(map(str, start.firmware_version)),
            "surefoot": __version__,
            "computer": platform.platform(),
            "way": self.way,
            "utc": datetime.fromtimestamp(self.utc_us / 1e6).astimezone().isoformat(timespec="seconds"),
            "passed": self.passed,
            "conclusion": self.conclusion,
            "calibration": self.calibration,
            "checks": [check.as_dict() for check in self.checks],
        }


def demand_folder(folder: Path) -> None:
    """Make the folder for the file, and see that it can be written to: before an hour's test, not after it.

    Raises
    ------
    OutputError
        It cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(folder, reason(error), remedy(error, "name another folder")) from error


def write_report(report: Report, folder: Path) -> Path:
    """Write the file, whole or not at all; return its path.

    Raises
    ------
    OutputError
        The folder is not there any more, or cannot be written.
    """
    when = f"{datetime.fromtimestamp(report.utc_us / 1e6):%Y-%m-%d_%H%M%S}"
    path = folder / f"surefoot-selftest_{pod_suffix(report.start.serial_number)}_{when}.json"
    with new_file(path, else_do="run the self-test again") as draft:
        draft.write_text(json.dumps(report.as_dict(), indent=2) + "\n", encoding="utf-8")
    return path


def _names(checks: list[Check]) -> str:
    return ", ".join(check.name for check in checks)
