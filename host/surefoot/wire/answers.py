"""What the pod says on the control characteristic: error codes, the data of its answers, and its own notices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Annotated, ClassVar

from surefoot.wire.fields import I32, U8, U16, U24, U32, Fields, Integer, Several, Vector, Version


class ErrorCode(IntEnum):
    """What an answer says; names for programs, `ERRORS` for people."""

    DONE = 0
    NO_SUCH_REQUEST = 1
    WRONG_LENGTH = 2
    OUT_OF_RANGE = 3
    NOT_IN_THIS_STATE = 4
    NO_SUCH_RUN = 5
    NOT_KEPT = 6
    NO_STORE = 7
    STORE_FULL = 8
    NO_SENSOR = 9
    BATTERY_LOW = 10
    BUSY = 11
    NOT_ACKNOWLEDGED = 12
    VERSION_NOT_SPOKEN = 13
    NO_SUCH_SETTING = 14
    FAULT = 15


ERRORS: dict[int, str] = {
    ErrorCode.DONE: "done",
    ErrorCode.NO_SUCH_REQUEST: "no such request",
    ErrorCode.WRONG_LENGTH: "wrong length",
    ErrorCode.OUT_OF_RANGE: "value out of range",
    ErrorCode.NOT_IN_THIS_STATE: "not in this state (recording, or not recording)",
    ErrorCode.NO_SUCH_RUN: "no such run",
    ErrorCode.NOT_KEPT: "nothing of that is kept any more",
    ErrorCode.NO_STORE: "the pod has no store",
    ErrorCode.STORE_FULL: "the store is full",
    ErrorCode.NO_SENSOR: "the sensor does not answer or is not one the pod knows",
    ErrorCode.BATTERY_LOW: "the battery is too low",
    ErrorCode.BUSY: "busy: another central owns the pod, or a fetch is going on",
    ErrorCode.NOT_ACKNOWLEDGED: "not acknowledged: fetch and verify it first",
    ErrorCode.VERSION_NOT_SPOKEN: "version not spoken",
    ErrorCode.NO_SUCH_SETTING: "no such setting",
    ErrorCode.FAULT: "fault in the pod; its text is in an event packet",
}


class Ability(IntFlag):
    """What a pod can do beyond measuring."""

    STORE = 1
    CUE = 2
    BATTERY_GAUGE = 4


class RunState(IntFlag):
    """What a pod says of a run that it keeps."""

    OPEN = 1
    HAS_END = 2
    ACKNOWLEDGED = 4


@dataclass(frozen=True)
class Greeting(Fields):
    """Answer to `Hello`; `abilities` are those of `Ability`, added."""

    version: U8
    firmware_version: Version
    boot_count: U16
    reset_cause: U8
    abilities: U8


@dataclass(frozen=True)
class Started(Fields):
    """Answer to `StartRun`."""

    run: U32


@dataclass(frozen=True)
class Stopped(Fields):
    """Answer to `StopRun`."""

    run: U32
    packets: U24


@dataclass(frozen=True)
class Marked(Fields):
    """Answer to `SetMark`: the mark packet's number, and the index of the sample that comes next."""

    sequence: U24
    index: U32


@dataclass(frozen=True)
class TimeTaken(Fields):
    """Answer to `SetTime`: the pod's clock and the next sample's index when the request came."""

    clock_us: U32
    index: U32


@dataclass(frozen=True)
class SettingInForce(Fields):
    """Answer to `Set`."""

    value: I32


@dataclass(frozen=True)
class SettingLimits(Fields):
    """Answer to `Get`."""

    value: I32
    lowest: I32
    highest: I32


@dataclass(frozen=True)
class KeptRun(Fields):
    """One answer to `ListRuns`; `state` is those of `RunState` that apply, added."""

    run: U32
    state: U8
    packets: U24
    rate_hz: U16
    blocks: U32


@dataclass(frozen=True)
class EndOfList(Fields):
    """Last answer to `ListRuns`."""

    runs: U16


@dataclass(frozen=True)
class Sending(Fields):
    """Answer to `Fetch`: what will come on the data characteristic."""

    first: U24
    last: U24


@dataclass(frozen=True)
class Fetched(Fields):
    """A fetch is done."""

    CODE: ClassVar[int] = 0xC1
    run: U32
    sent: U24
    not_kept: U24


@dataclass(frozen=True)
class SelfTested(Fields):
    """Result of a self-test: bits of what passed, change against the factory's in %, gyroscope bias at rest."""

    CODE: ClassVar[int] = 0xC2
    passed: U8
    change_percent: Annotated[tuple[int, ...], Several(Integer(1, signed=True), 6)]
    gyro_bias_raw: Vector


Notice = Fetched | SelfTested

NOTICES: dict[int, type[Notice]] = {Fetched.CODE: Fetched, SelfTested.CODE: SelfTested}
