"""The table of a self-test: check, value, limit, verdict; below it the reasons, and the conclusion."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from surefoot.cli.messages import tell
from surefoot.selftest.checks import Verdict
from surefoot.selftest.report import Report

PLAIN_WIDTH = 140
"""In a file or a pipe a table is as wide as it needs; a terminal says how wide it is."""
_STYLES = {Verdict.PASS: "", Verdict.FAIL: "bold", Verdict.NOT_MEASURED: "dim"}


def table(report: Report) -> Table:
    """Return the table; a verdict is a word, so that no colour is needed to read it."""
    rows = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("check", "value", "limit", "verdict"):
        rows.add_column(name, overflow="fold", no_wrap=name == "verdict")
    for check in report.checks:
        style = _STYLES[check.verdict]
        verdict = check.verdict.value.upper() if check.verdict == Verdict.FAIL else check.verdict.value
        rows.add_row(*(Text(cell, style=style) for cell in (check.name, check.value, check.limit, verdict)))
    return rows


def tell_table(report: Report) -> None:
    """Print the result for people."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PLAIN_WIDTH)
    start = report.start
    firmware = ".".join(map(str, start.firmware_version))
    tell(f"{report.pod}, {start.board}, firmware {firmware}, over {report.way}")
    console.print(table(report))
    for check in report.checks:
        if check.note:
            tell(f"- {check.name}: {check.note}.")
    tell(_calibration(report))
    tell(report.conclusion)


def _calibration(report: Report) -> str:
    before, after = report.calibration["before"], report.calibration["after"]
    if after is None:
        return "The pod is not calibrated."
    offset = " ".join(f"{value / 10:+.1f}" for value in after["offset_100ug"])
    scale = " ".join(f"{value / 100:+.2f}" for value in after["scale_e4"])
    which = "as before" if before == after else "new"
    return f"Calibration on the pod ({which}): offset {offset} mg, scale {scale} %, against local gravity."
