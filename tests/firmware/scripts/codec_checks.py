"""The pod's codecs against the vectors; runs under MicroPython and CPython alike. Each check returns what it got."""

from pod.wire import packet, records, status
from pod.wire.control import Control

UNWRITTEN = 0xEE


def packet_of(case):
    """Bytes of the packet that the pod makes of a case, or None where the pod makes none of this kind."""
    buf = bytearray(b"\xee" * packet.MAX_PACKET)
    body = memoryview(buf)[packet.HEADER :]
    if case["kind"] == 0:
        length = write_samples(body, case["samples"])
    elif "record" in case:
        length = write_record(body, case["record"], case["fields"])
    else:
        return None
    counters = (case["sequence"], case["run"], case["index"], case["clock_us"])
    packet.write_header(buf, 0x10 + case["kind"], case["flags"], case["count"], case["behind"], *counters)
    end = packet.HEADER + length
    if packet.length(buf) != end or any(byte != UNWRITTEN for byte in buf[end:]):
        return b"length"
    return bytes(buf[:end])


def write_samples(body, samples):
    """Samples as the sensor's FIFO gives them."""
    at = 0
    for sample in samples:
        for value in sample:
            body[at] = value >> 8 & 0xFF
            body[at + 1] = value & 0xFF
            at += 2
    return at


def write_record(body, record, fields):
    if record == "Start":
        return start_body(fields).copy(body)
    if record == "Mark":
        return records.write_mark(body, fields["source"], fields["label"])
    if record == "Clock":
        return records.write_clock(body, fields["utc_us"].to_bytes(8, "little"))
    if record == "Event":
        return records.write_event(body, fields["code"], fields["value"], fields["text"].encode())
    counts = [fields[name] for name in ("samples", "overflows", "bus_faults", "sensor_restarts", "packets_dropped")]
    return records.write_end(body, fields["reason"], *counts)


def start_body(f):
    start = records.StartBody()
    serial = bytes(int(pair, 16) for pair in f["serial_number"].split())
    start.pod(f["board"].encode(), serial, f["firmware_version"], f["boot_count"], f["reset_cause"])
    start.sensor(
        f["sensor_part"].encode(),
        f["who_am_i"],
        f["rate_hz"],
        (f["accel_range_g"], f["gyro_range_dps"]),
        (f["accel_bandwidth_hz"], f["gyro_bandwidth_hz"]),
        (f["accel_delay_us"], f["gyro_delay_us"]),
        f["fifo_bytes"],
    )
    start.self_test(f["self_test"], f["gyro_bias_raw"])
    start.side(f["side"])
    start.calibration(f["accel_offset_100ug"], f["accel_scale_e4"])
    start.moment(f["run"], f["started_by"], f["temperature_cdegc"], f["battery_mv"])
    start.time(f["utc_us"].to_bytes(8, "little"), f["utc_age_s"])
    return start


class Handlers:
    """Writes down how it is called, then puts and returns what it was told to."""

    def __init__(self, puts=(), result=0):
        self.calls = []
        self.raised = []
        self._puts = puts
        self._result = result

    def _called(self, name, arguments, answer):
        call = [name]
        call.extend(arguments)
        self.calls.append(call)
        for kind, value in self._puts:
            getattr(answer, kind)(value)
        return self._result

    def hello(self, version, answer):
        return self._called("hello", [version], answer)

    def start(self, answer):
        return self._called("start", [], answer)

    def stop(self, answer):
        return self._called("stop", [], answer)

    def mark(self, label, answer):
        return self._called("mark", [label], answer)

    def time(self, utc, answer):
        return self._called("time", [bytes(utc).hex(" ")], answer)

    def set(self, setting, value, answer):
        return self._called("set", [setting, value], answer)

    def get(self, setting, answer):
        return self._called("get", [setting], answer)

    def ack(self, run, sequence, answer):
        return self._called("ack", [run, sequence], answer)

    def list(self, first_run, answer):
        return self._called("list", [first_run], answer)

    def fetch(self, run, first, last, answer):
        return self._called("fetch", [run, first, last], answer)

    def cancel(self, answer):
        return self._called("cancel", [], answer)

    def erase(self, run, force, answer):
        return self._called("erase", [run, force], answer)

    def identify(self, seconds, answer):
        return self._called("identify", [seconds], answer)

    def self_test(self, answer):
        return self._called("self_test", [], answer)

    def restart(self, mode, answer):
        return self._called("restart", [mode], answer)

    def failed(self, error):
        self.raised.append(error)


def answers_to(written, handlers, refusal=0):
    """What the pod answers to one write."""
    sent = []
    control = Control(handlers, lambda buf, length: sent.append(bytes(buf[:length])))
    control.receive(written, len(written), refusal)
    return sent


def status_of(f):
    """Bytes of the status that has these fields."""
    made = status.Status()
    state = f["state_and_flags"]
    made.pod(state & 0x0F, state & 0xF0, f["battery_percent"], f["store_free_permille"])
    made.landing(f["cadence_spm"], f["contact_ms"], f["shock_cg"], f["landings"])
    made.stream(f["run"], f["newest_sequence"], f["packets_unacknowledged"], f["packets_dropped"])
    return bytes(made.bytes)


def measurement_of(running, cadence_spm):
    buf = bytearray(status.MEASUREMENT_BYTES)
    status.write_measurement(buf, running, cadence_spm)
    return bytes(buf)
