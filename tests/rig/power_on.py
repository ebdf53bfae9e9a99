"""Starts boot.py and main.py under CPython as the board would, on the stand-ins of tests/rig/board."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
import traceback
import types
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BOARD = "esp32_devkitc"


def fresh(name: str) -> Any:
    """A stand-in of tests/rig/board with nothing in its memory."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / "rig" / "board" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def board(name: str = BOARD) -> types.ModuleType:
    """The file of a board, as the module `board` that the flash tool makes of it."""
    module = types.ModuleType("board")
    exec((ROOT / "firmware" / "boards" / f"{name}.py").read_text(), module.__dict__)
    return module


def print_exception(error: BaseException, file: Any = sys.stdout) -> None:
    """What MicroPython has in `sys`: no line of source, no carets."""
    for line in traceback.format_exception(error):
        for part in line.splitlines():
            if not part.startswith("    "):
                file.write(part + "\n")


class Pod:
    """A board with its flash (a folder) and the memory of its clock, started again and again.

    `main` is what pod.start.main does; an exception in its place breaks the import of the package.
    """

    def __init__(self, folder: Path, monkeypatch: Any) -> None:
        self.machine = fresh("machine")
        self.monkeypatch = monkeypatch
        self.main: Any = lambda record, cause: None
        self.board: types.ModuleType | None = board()
        self.slept_ms = 0
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "print_exception", print_exception, raising=False)
        monkeypatch.setattr(time, "sleep_ms", self._sleep_ms, raising=False)
        monkeypatch.setattr(time, "sleep", lambda seconds: self._sleep_ms(seconds * 1000))
        monkeypatch.setitem(sys.modules, "machine", self.machine)

    def start(self, cause: int) -> dict[str, Any]:
        """Reset with this cause; what boot.py and main.py left in their names."""
        self.machine.cause[0] = cause
        if cause == self.machine.PWRON_RESET:
            self.machine.RTC.stored[0] = b""
        self.machine.Timer.made.clear()
        self.machine.WDT.made.clear()
        for name in ("safe", "board", "pod.start"):
            self.monkeypatch.delitem(sys.modules, name, raising=False)
        if self.board:
            self.monkeypatch.setitem(sys.modules, "board", self.board)
        self.monkeypatch.setitem(sys.modules, "pod.start", self._package())
        names: dict[str, Any] = {"__name__": "__main__"}
        self._run("boot.py", names)
        try:
            self._run("main.py", names)
        except self.machine.BoardStopped as stopped:
            names["stopped"] = str(stopped)
        return names

    def _package(self) -> types.ModuleType | None:
        if isinstance(self.main, BaseException):
            return None  # what the import system takes for a module that is not to be found
        package = types.ModuleType("pod.start")
        package.main = self.main  # type: ignore[attr-defined]
        return package

    def _run(self, name: str, names: dict[str, Any]) -> None:
        source = ROOT / "firmware" / name
        exec(compile(source.read_text(), os.fspath(source), "exec"), names)

    def _sleep_ms(self, ms: float) -> None:
        self.slept_ms += int(ms)
