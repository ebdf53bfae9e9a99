"""Commands that go on with a run file, whole and as they are typed."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path


def analysis_folder(path: Path) -> Path:
    """Return the folder beside a run file where its analysis goes."""
    return path.with_suffix("") if path.suffix else path.with_name(f"{path.name}-analysis")


def analyze_command(path: Path) -> str:
    """Return the command that analyses a run file."""
    return _typed("surefoot", "analyze", str(path), "--out", str(analysis_folder(path)))


def repair_command(path: Path) -> str:
    """Return the command that makes a clean copy of a run file."""
    return _typed("surefoot", "repair", str(path), "--out", str(path.with_name(f"{path.stem}-repaired.run")))


def pull_command(path: Path) -> str:
    """Return the command that fetches from the pod what a run file lacks, and joins it."""
    folder = path.parent
    return _typed("surefoot", "pull", *(() if folder == Path() else ("--out", str(folder))))


def _typed(*words: str) -> str:
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
