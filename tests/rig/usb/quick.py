"""Lets pyserial's network port look for answers every millisecond instead of every 50.

esptool changes the port's settings for each command, which makes that some seconds. For where warnings are errors it
also spares it two methods that Python 3.10 has deprecated, and lets it close a socket whose other end has gone.

As a program it runs another one:

    python -m tests.rig.usb.quick esptool --port rfc2217://127.0.0.1:4000 chip-id
"""

from __future__ import annotations

import contextlib
import runpy
import sys
import threading
import time
import types
from collections.abc import Iterator

from serial import rfc2217

_PATIENCE_S = 0.001
_LONGEST_S = 0.3
"""The longest of its pauses: after closing, for a slow server."""


class _Thread(threading.Thread):
    def setDaemon(self, daemonic: bool) -> None:
        self.daemon = daemonic

    def setName(self, name: str) -> None:
        self.name = name


@contextlib.contextmanager
def quick() -> Iterator[None]:
    """While this lasts, in this process."""
    shim = types.SimpleNamespace(**vars(time))
    shim.sleep = lambda seconds: time.sleep(_PATIENCE_S if seconds <= _LONGEST_S else seconds)
    threads = types.SimpleNamespace(**vars(threading) | {"Thread": _Thread})
    real = rfc2217.time, rfc2217.threading, rfc2217.Serial.close

    def close(port: rfc2217.Serial) -> None:
        connection = port._socket
        real[2](port)
        if connection:
            connection.close()

    rfc2217.time, rfc2217.threading, rfc2217.Serial.close = shim, threads, close
    try:
        yield
    finally:
        rfc2217.time, rfc2217.threading, rfc2217.Serial.close = real


if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    with quick():
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
