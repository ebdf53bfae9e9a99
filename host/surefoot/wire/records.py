"""What the pod says about a run in packets without samples: start, mark, clock, event, end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

from surefoot.errors import WireError
from surefoot.wire.fields import U8, U16, U32, U64, UNKNOWN_I16, Fields, Integer, Raw, Text, Vector, Version
from surefoot.wire.packets import Kind, Packet

START_LAYOUT = 1
EVENT_HEAD_BYTES = 5
EVENT_TEXT_BYTES_MAX = 60


def in_words(names: type[IntEnum], number: int, unknown: str) -> str:
    """Return 'battery low' for the number of BATTERY_LOW; for one that this version does not know, `unknown` and it."""
    known = {int(name): name.name.lower().replace("_", " ") for name in names}
    return known.get(number, f"{unknown} {number}")


class StartedBy(IntEnum):
    """Who or what began a run."""

    HOST = 0
    BUTTON = 1
    MOTION = 2
    RESUMED = 3


class ResetCause(IntEnum):
    """Why the pod last started."""

    UNKNOWN = 0
    POWER_ON = 1
    HARD = 2
    WATCHDOG = 3
    WAKE = 4
    SOFT = 5
    BROWN_OUT = 6


class EventCode(IntEnum):
    """Meaning of an event's value."""

    OVERFLOW = 1
    SENSOR_RESTARTED = 2
    BUS_FAULT = 3
    PACKETS_DROPPED = 4
    STORE_FULL = 5
    LINK_LOST = 6
    LINK_BACK = 7
    BATTERY_LOW = 8
    SETTING_CHANGED = 9
    FAULT = 10
    SENT_AWAY = 11
    WRITES_LOST = 12


class EndReason(IntEnum):
    """Why a run ended."""

    HOST = 0
    BUTTON = 1
    BATTERY = 2
    STORE_FULL = 3
    SENSOR_LOST = 4
    RESTART_OR_SLEEP = 5
    NO_MOTION = 6


@dataclass(frozen=True)
class Start(Fields):
    """Identity and settings; also what the identity characteristic holds. `docs/link.md` says what stands for unknown.

    Names end in the units of the bytes: `_100ug` is 0.0001 g, `_e4` 0.0001 of one, `_cdegc` 0.01 C.
    """

    layout: U8
    run: U32
    started_by: U8
    boot_count: U16
    reset_cause: U8
    firmware_version: Version
    board: Annotated[str, Text(16)]
    serial_number: Annotated[bytes, Raw(6)]
    sensor_part: Annotated[str, Text(16)]
    who_am_i: U8
    rate_hz: U16
    accel_range_g: U8
    gyro_range_dps: U16
    accel_bandwidth_hz: U16
    gyro_bandwidth_hz: U16
    accel_delay_us: U16
    gyro_delay_us: U16
    fifo_bytes: U16
    side: U8
    self_test: U8
    gyro_bias_raw: Vector
    accel_offset_100ug: Vector
    accel_scale_e4: Vector
    temperature_cdegc: Annotated[int, Integer(2, signed=True)]
    battery_mv: U16
    utc_us: U64
    utc_age_s: U32

    @classmethod
    def from_bytes(cls, data: bytes) -> Start:
        """Read the body of a start packet; another layout is an error."""
        if data[:1] not in (b"", bytes([START_LAYOUT])):
            raise WireError("start", f"its layout is {data[0]}", "update Surefoot")
        return super().from_bytes(data)

    @property
    def calibrated(self) -> bool:
        """Whether offset and scale error of all three accelerometers are known."""
        return UNKNOWN_I16 not in (*self.accel_offset_100ug, *self.accel_scale_e4)


@dataclass(frozen=True)
class Mark(Fields):
    """A moment that the runner (source 0, the button) or the host (1) marked."""

    source: U8
    label: U8


@dataclass(frozen=True)
class Clock(Fields):
    """UTC as the host wrote it; the packet's header holds the pod's clock and index at its arrival."""

    utc_us: U64


@dataclass(frozen=True)
class Event:
    """Something that happened on the pod; `code` is an `EventCode`, where known."""

    code: int
    value: int
    text: str = ""

    @classmethod
    def from_bytes(cls, data: bytes) -> Event:
        """Read the body of an event packet; bytes that are no UTF-8 become replacement characters."""
        if not EVENT_HEAD_BYTES <= len(data) <= EVENT_HEAD_BYTES + EVENT_TEXT_BYTES_MAX:
            raise WireError("event", f"it has {len(data)} bytes")
        head = _EventHead.from_bytes(data[:EVENT_HEAD_BYTES])
        return cls(head.code, head.value, data[EVENT_HEAD_BYTES:].decode("utf-8", errors="replace"))

    def to_bytes(self) -> bytes:
        """Write the body of an event packet; the text is cut to 60 bytes."""
        text = self.text.encode()[:EVENT_TEXT_BYTES_MAX].decode(errors="ignore").encode()
        return _EventHead(self.code, self.value).to_bytes() + text


@dataclass(frozen=True)
class _EventHead(Fields):
    code: U8
    value: U32


@dataclass(frozen=True)
class End(Fields):
    """The last packet of a run; `reason` is an `EndReason`, where known."""

    reason: U8
    samples: U32
    overflows: U16
    bus_faults: U16
    sensor_restarts: U16
    packets_dropped: U32


Record = Start | Mark | Clock | Event | End

RECORDS: dict[int, type[Record]] = {
    Kind.START: Start,
    Kind.MARK: Mark,
    Kind.CLOCK: Clock,
    Kind.EVENT: Event,
    Kind.END: End,
}


def read_record(packet: Packet) -> Record | None:
    """Return what the body of a packet says; None for samples and for kinds that this version does not know."""
    record = RECORDS.get(packet.kind)
    return None if record is None else record.from_bytes(packet.body)
