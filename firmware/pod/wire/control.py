"""Requests of the host: split, checked and handed on (docs/link.md, "Control")."""

import struct

from micropython import const

from pod.life import settings
from pod.wire.answer import (
    DONE,
    FAULT,
    NO_SUCH_REQUEST,
    NO_SUCH_SETTING,
    OUT_OF_RANGE,
    VERSION_NOT_SPOKEN,
    WRONG_LENGTH,
    Answer,
)

VERSION = const(1)
ACK = const(0x08)

LATER = const(-1)
"""What a handler returns that answers by itself, with an `Answer` begun with the tag."""


class Control:
    """Hands each request to the method of `handlers` with its name.

    A method takes the arguments, then the `Answer` to put its data into, and returns an error code or LATER:
    hello(version) start() stop() mark(label) time(utc) set(setting, value) get(setting) ack(run, sequence)
    list(first_run) fetch(run, first, last) cancel() erase(run, force) identify(seconds) self_test() restart(mode).
    Arguments are within the ranges of docs/link.md; `utc` is 8 bytes, to be copied. What a method raises goes to
    handlers.failed(error) and is answered with FAULT. `send(buf, length)` must copy the answer.
    """

    def __init__(self, handlers, send):
        self._handlers = handlers
        self._send = send
        self._answer = Answer()
        self._utc = bytearray(8)
        self._requests = (
            (self._hello, 1),
            (handlers.start, 0),
            (handlers.stop, 0),
            (self._mark, 1),
            (self._time, 8),
            (self._set, 5),
            (self._get, 1),
            (self._ack, 7),
            (self._list, 4),
            (self._fetch, 10),
            (handlers.cancel, 0),
            (self._erase, 5),
            (self._identify, 1),
            (handlers.self_test, 0),
            (self._restart, 1),
        )

    def receive(self, written, length, refusal=DONE):
        """Answer all requests in the first `length` bytes that a host wrote; a length that leads beyond ends them.

        With a `refusal`, such as BUSY to a host that does not own the pod, nothing is done and each is answered so.
        """
        at = 0
        while at < length:
            size = written[at]
            at += 1
            if size < 2 or at + 1 >= length:
                return
            self._answer.begin(written[at], written[at + 1])
            if at + size > length:
                self._finish(WRONG_LENGTH)
                return
            self._finish(refusal or self._try(written, at, size))
            at += size

    def _finish(self, result):
        answer = self._answer
        if result == LATER or (result == DONE and answer.bytes[0] == ACK | 0x80):
            return
        if result != DONE:
            answer.refuse(result)
        self._send(answer.bytes, answer.length)

    def _try(self, written, at, size):
        request = written[at]
        if not 1 <= request <= len(self._requests):
            return NO_SUCH_REQUEST
        handler, expected = self._requests[request - 1]
        if size - 2 != expected:
            return WRONG_LENGTH
        try:
            if expected:
                return handler(written, at + 2, self._answer)
            return handler(self._answer)  # type: ignore[call-arg]
        except Exception as error:
            self._handlers.failed(error)
            return FAULT

    def _hello(self, buf, at, answer):
        if buf[at] < VERSION:
            return VERSION_NOT_SPOKEN
        return self._handlers.hello(VERSION, answer)

    def _mark(self, buf, at, answer):
        return self._handlers.mark(buf[at], answer)

    def _time(self, buf, at, answer):
        for byte in range(8):
            self._utc[byte] = buf[at + byte]
        return self._handlers.time(self._utc, answer) if any(self._utc) else OUT_OF_RANGE

    def _set(self, buf, at, answer):
        setting, value = struct.unpack_from("<Bi", buf, at)
        if not 1 <= setting <= settings.COUNT:
            return NO_SUCH_SETTING
        return self._handlers.set(setting, value, answer) if settings.allowed(setting, value) else OUT_OF_RANGE

    def _get(self, buf, at, answer):
        return self._handlers.get(buf[at], answer) if 1 <= buf[at] <= settings.COUNT else NO_SUCH_SETTING

    def _ack(self, buf, at, answer):
        return self._handlers.ack(_u32(buf, at), _u24(buf, at + 4), answer)

    def _list(self, buf, at, answer):
        return self._handlers.list(_u32(buf, at), answer)

    def _fetch(self, buf, at, answer):
        first = _u24(buf, at + 4)
        last = _u24(buf, at + 7)
        return self._handlers.fetch(_u32(buf, at), first, last, answer) if first <= last else OUT_OF_RANGE

    def _erase(self, buf, at, answer):
        force = buf[at + 4]
        return self._handlers.erase(_u32(buf, at), force, answer) if force <= 1 else OUT_OF_RANGE

    def _identify(self, buf, at, answer):
        return self._handlers.identify(buf[at], answer)

    def _restart(self, buf, at, answer):
        return self._handlers.restart(buf[at], answer) if buf[at] <= 2 else OUT_OF_RANGE


def _u24(buf, at):
    return buf[at] | buf[at + 1] << 8 | buf[at + 2] << 16


def _u32(buf, at):
    return _u24(buf, at) | buf[at + 3] << 24
