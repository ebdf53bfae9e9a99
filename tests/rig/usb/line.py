"""A serial port at the end of a network connection (RFC 2217, the server's half of pyserial's own module).

One host at a time, as at a cable. Faults: the line breaks after so many bytes, either way; what goes out is spoiled.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from serial import rfc2217

POLL_S = 0.1
"""How often a thread that waits looks whether it shall end."""


class _Lines:
    """What pyserial's PortManager takes for the serial port behind it: settings, and lines that reset the board."""

    baudrate, bytesize, parity, stopbits = 115200, 8, "N", 1
    xonxoff = rtscts = break_condition = False
    cts = dsr = cd = True
    ri = False

    def __init__(self, changed: Callable[[bool, bool], None]) -> None:
        self._changed = changed
        self._dtr = self._rts = False

    @property
    def dtr(self) -> bool:
        return self._dtr

    @dtr.setter
    def dtr(self, on: bool) -> None:
        self._dtr = on
        self._changed(self._dtr, self._rts)

    @property
    def rts(self) -> bool:
        return self._rts

    @rts.setter
    def rts(self, on: bool) -> None:
        self._rts = on
        self._changed(self._dtr, self._rts)

    def release(self) -> None:
        """The host has closed the port: both lines fall at once, which resets nothing."""
        self._dtr = self._rts = False
        self._changed(False, False)

    def forget(self) -> None:
        """The cable is out: nobody drives the lines."""
        self._dtr = self._rts = False

    def reset_input_buffer(self) -> None:
        pass

    def reset_output_buffer(self) -> None:
        pass


class Line:
    """The port. `received` gets the host's bytes, `changed` the lines DTR and RTS; `send` hands bytes to the host.

    Attributes
    ----------
    cut_after_in, cut_after_out : int or None
        So many more bytes from the host or to it get through; then `broken` is called and the port is gone.
    spoil : callable or None
        What is done to the bytes that go out.
    deaf : bool
        Nothing gets through, either way; the port stays.
    """

    def __init__(
        self, received: Callable[[bytes], None], changed: Callable[[bool, bool], None], broken: Callable[[], None]
    ) -> None:
        self._received = received
        self._broken = broken
        self._lines = _Lines(changed)
        self._client: socket.socket | None = None
        self._listener: socket.socket | None = None
        self._lock = threading.RLock()
        self.cut_after_in: int | None = None
        self.cut_after_out: int | None = None
        self.spoil: Callable[[bytes], bytes] | None = None
        self.deaf = False
        self.port = 0
        self.bytes_in = self.bytes_out = 0

    @property
    def url(self) -> str:
        """What pyserial opens."""
        return f"rfc2217://127.0.0.1:{self.port}"

    def open(self, port: int = 0) -> None:
        """Be there, under the same name if `port` is the old one."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(listener, port)
        listener.listen(1)
        listener.settimeout(POLL_S)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Be gone: whoever has it open reads an error, and it cannot be opened."""
        listener, self._listener = self._listener, None
        if listener:
            listener.close()
        with self._lock:
            client, self._client = self._client, None
        self._lines.forget()
        if client:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            client.close()

    def write(self, data: bytes) -> None:
        """Telnet's own bytes, for PortManager."""
        with self._lock:
            if self._client:
                with contextlib.suppress(OSError):
                    self._client.sendall(data)

    def send(self, data: bytes) -> None:
        """Bytes from the board to the host; lost where nobody has the port open."""
        if self.deaf:
            return
        data = self.spoil(data) if self.spoil else data
        with self._lock:
            if not self._client:
                return
            cut = self.cut_after_out is not None and len(data) >= self.cut_after_out
            data = data[: self.cut_after_out]
            self.bytes_out += len(data)
            if self.cut_after_out is not None:
                self.cut_after_out -= len(data)
            self.write(data.replace(rfc2217.IAC, rfc2217.IAC + rfc2217.IAC))
        if cut:
            self._break()

    def _break(self) -> None:
        self.cut_after_in = self.cut_after_out = None
        self._broken()

    def _serve(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.settimeout(None)
            with self._lock:
                self._client = client
            self._read(client, rfc2217.PortManager(self._lines, self))
            client.close()
            with self._lock:
                gone, self._client = self._client is client, None if self._client is client else self._client
            if gone:  # else the cable was pulled, and the lines may be another host's by now
                self._lines.release()

    def _read(self, client: socket.socket, manager: Any) -> None:
        while True:
            try:
                raw = client.recv(16384)
            except OSError:
                return
            if not raw:
                return
            data = b"".join(manager.filter(raw))
            if data and not self.deaf:
                self._hand_over(data)

    def _hand_over(self, data: bytes) -> None:
        cut = self.cut_after_in is not None and len(data) >= self.cut_after_in
        data = data[: self.cut_after_in]
        self.bytes_in += len(data)
        if self.cut_after_in is not None:
            self.cut_after_in -= len(data)
        if data:
            self._received(data)
        if cut:
            self._break()


def _bind(listener: socket.socket, port: int) -> None:
    """Take the port; the old one goes only when the thread that waits at it has looked up."""
    for _ in range(100):
        try:
            listener.bind(("127.0.0.1", port))
            return
        except OSError:
            time.sleep(POLL_S / 10)
    listener.close()
    raise OSError(f"port {port} stays in use")
