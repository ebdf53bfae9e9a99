"""The command as a user calls it, inside this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from surefoot import cli


@dataclass(frozen=True)
class Outcome:
    """What a call left behind: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def run_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str | Path | float
) -> Outcome:
    """Call `surefoot` with arguments, through the same door as the installed command."""
    monkeypatch.setattr("sys.argv", ["surefoot", *map(str, arguments)])
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        cli.main()
    written = capsys.readouterr()
    code = stop.value.code
    return Outcome(code if isinstance(code, int) else 0, written.out, written.err)


def everything_in(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes, hidden ones included."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }
