"""Time `surefoot analyze` on hours of running, side by side with gaitmap: `python -m tests.bench.bench_analyze`.

Whole processes, as a user starts them, in turn within one run, so that a machine whose speed drifts changes ratios
little. Prints medians and the same as JSON; exit code 1 when a target is missed. The recordings are made once (about
15 s and 1 GB of memory per hour) and kept in the temporary folder.

`--gaitmap-python` names the interpreter of gaitmap-requirements.txt; without it that ratio is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

CHECKOUT = Path(__file__).parents[2]
GAITMAP_CHAIN = Path(__file__).with_name("gaitmap_chain.py")
SHORTEST_H, LONGEST_H = 1, 2


@dataclass(frozen=True)
class Cost:
    """Wall time, processor time of all threads, and the largest resident set of one whole process."""

    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True)
class Target:
    """One figure against its bound."""

    name: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool:
        """Whether the figure keeps its bound."""
        low = -float("inf") if self.at_least is None else self.at_least
        high = float("inf") if self.at_most is None else self.at_most
        return low <= self.value <= high

    def row(self) -> str:
        """One line of the table."""
        bound = f"at most {self.at_most:g}" if self.at_most is not None else f"at least {self.at_least:g}"
        return f"{self.name:44s} {self.value:8.2f}   {bound:14s} {'met' if self.met else 'MISSED'}"


def run(command: list[str]) -> Cost:
    """Run a command to its end and return what it cost.

    Raises
    ------
    SystemExit
        The command failed; what it said is printed.
    """
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT / "host")}
    with tempfile.TemporaryFile() as said:
        start_s = time.perf_counter()
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start_s
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{said.read().decode(errors='replace')}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def recording(hours: int) -> Path:
    """Return a recording of so many hours, made if it is not there."""
    path = Path(tempfile.gettempdir()) / "surefoot-bench" / f"{hours}h.csv"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(".draft.csv")
        run([sys.executable, "-m", "tests.rig.long_run", str(hours), str(draft)])
        draft.replace(path)
    return path


def analyze(hours: int, out: Path, report: bool) -> list[str]:
    """Command that analyses a recording."""
    settings = ["--out", str(out), "--sensor-height", "0.145", "--report" if report else "--no-report"]
    return [sys.executable, "-m", "surefoot", "analyze", str(recording(hours)), *settings]


def measured(commands: dict[str, list[str]], repeat: int) -> dict[str, Cost]:
    """Run all commands in turn, `repeat` times after one that is not counted, and return the median costs."""
    rounds = [{name: run(command) for name, command in commands.items()} for _ in range(repeat + 1)][1:]
    return {
        name: Cost(*(median(getattr(one[name], field) for one in rounds) for field in ("wall_s", "cpu_s", "peak_mb")))
        for name in commands
    }


def targets(costs: dict[str, Cost], gaitmap: Cost | None) -> list[Target]:
    """Return what the project promises about speed."""
    short, long, page = costs["1 h"], costs["2 h"], costs["1 h with report"]
    found = [
        Target("1 h without report, s", short.wall_s, at_most=2.5),
        Target("1 h without report, MB", short.peak_mb, at_most=500),
        Target("1 h with report, s", page.wall_s, at_most=7),
        Target("2 h against 1 h, times", long.wall_s / short.wall_s, at_most=2.2),
        Target("--help, s", costs["--help"].wall_s, at_most=0.6),
    ]
    if gaitmap:
        found.append(Target("gaitmap's chain against 1 h, times", gaitmap.wall_s / short.wall_s, at_least=40))
    return found


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gaitmap-python", metavar="PATH", help="interpreter that has gaitmap and gaitmap-mad")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="counted runs of each command (3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "1 h": analyze(SHORTEST_H, Path(folder) / "a", report=False),
            "2 h": analyze(LONGEST_H, Path(folder) / "b", report=False),
            "1 h with report": analyze(SHORTEST_H, Path(folder) / "c", report=True),
            "--help": [sys.executable, "-m", "surefoot", "--help"],
        }
        costs = measured(commands, options.repeat)
    gaitmap = None
    if options.gaitmap_python:
        # a minute and 2 GB, so once: its own spread is small against the ratio
        gaitmap = run([options.gaitmap_python, str(GAITMAP_CHAIN), str(recording(SHORTEST_H))])
    found = targets(costs, gaitmap)
    every = costs | ({"gaitmap, 1 h": gaitmap} if gaitmap else {})
    print(f"{'':44s} {'wall s':>8s} {'cpu s':>8s} {'peak MB':>8s}")
    for name, cost in every.items():
        print(f"{name:44s} {cost.wall_s:8.2f} {cost.cpu_s:8.2f} {cost.peak_mb:8.0f}")
    print()
    print("\n".join(target.row() for target in found))
    print()
    print(json.dumps({"costs": {k: asdict(v) for k, v in every.items()}, "targets": [asdict(t) for t in found]}))
    return 0 if all(target.met for target in found) else 1


if __name__ == "__main__":
    sys.exit(main())
