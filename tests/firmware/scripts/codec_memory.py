"""Memory that the codecs take per call, in bytes."""

import gc
import json

from codec_checks import Handlers
from pod.wire import packet, records
from pod.wire.answer import Answer
from pod.wire.control import Control
from pod.wire.status import Status, write_measurement

CALLS = 40

buf = bytearray(packet.MAX_PACKET)
body = memoryview(buf)[packet.HEADER :]
utc = bytes(range(8))
start = records.StartBody()
status = Status()
answer = Answer()
small = bytearray(4)
text = b"text"


def mark():
    records.write_mark(body, 0, 7)
    packet.write_header(buf, packet.MARK, 0, 2, 0, 0xFFFFFF, 255, packet.COUNTER, packet.COUNTER)


def clock():
    records.write_clock(body, utc)


def event():
    records.write_event(body, 10, packet.COUNTER, text)


def end():
    records.write_end(body, 0, packet.COUNTER, 70000, 70000, 70000, 1)


def copy_start():
    start.copy(body)


def tell_status():
    status.pod(2, 0x10, 80, 999)
    status.landing(174, 240, 884, 123456)
    status.stream(5, 0xFFFFFF, 3, 70000)


def measurement():
    write_measurement(small, True, 174)


class Quiet(Handlers):
    """Handlers that write nothing down."""

    def _called(self, name, arguments, answer):
        return 0

    def ack(self, run, sequence, answer):
        return 0


written = b"\x09\x08\x01\x05\x01\x00\x00\x18\x00\x00"
size = len(written)
control = Control(Quiet(), print)


def ack():
    control.receive(written, size)


for step in (mark, clock, event, end, copy_start, tell_status, measurement, ack):
    step()
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(CALLS):
        step()
    taken = gc.mem_alloc() - before
    gc.enable()
    print(json.dumps({"step": step.__name__, "bytes": taken / CALLS}))
