"""What a host may ask of the pod, and which data answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from surefoot.wire.answers import (
    EndOfList,
    Greeting,
    KeptRun,
    Marked,
    Sending,
    SettingInForce,
    SettingLimits,
    Started,
    Stopped,
    TimeTaken,
)
from surefoot.wire.fields import I32, U8, U24, U32, U64, Fields

CONTROL_VERSION = 1
FETCH_TO_END = 0xFFFFFF


class Request(Fields):
    """Base of all requests: `CODE` on the wire, and the kinds of data that answer it."""

    CODE: ClassVar[int]
    ANSWERS: ClassVar[tuple[type[Fields], ...]] = ()


@dataclass(frozen=True)
class Hello(Request):
    """Agree on a version of the control protocol."""

    CODE = 0x01
    ANSWERS = (Greeting,)
    highest_version: U8 = CONTROL_VERSION


@dataclass(frozen=True)
class StartRun(Request):
    """Start a run; its packets follow."""

    CODE = 0x02
    ANSWERS = (Started,)


@dataclass(frozen=True)
class StopRun(Request):
    """End the run."""

    CODE = 0x03
    ANSWERS = (Stopped,)


@dataclass(frozen=True)
class SetMark(Request):
    """Mark this moment in the run."""

    CODE = 0x04
    ANSWERS = (Marked,)
    label: U8


@dataclass(frozen=True)
class SetTime(Request):
    """Tell the pod the time; not 0."""

    CODE = 0x05
    ANSWERS = (TimeTaken,)
    utc_us: U64


@dataclass(frozen=True)
class Set(Request):
    """Change a setting (`wire.settings`)."""

    CODE = 0x06
    ANSWERS = (SettingInForce,)
    setting: U8
    value: I32


@dataclass(frozen=True)
class Get(Request):
    """Ask for a setting."""

    CODE = 0x07
    ANSWERS = (SettingLimits,)
    setting: U8


@dataclass(frozen=True)
class Ack(Request):
    """Say that this packet and all before it are safe on the host; answered only where it fails."""

    CODE = 0x08
    run: U32
    sequence: U24


@dataclass(frozen=True)
class ListRuns(Request):
    """Ask for the runs kept, from this number on."""

    CODE = 0x09
    ANSWERS = (KeptRun, EndOfList)
    first_run: U32 = 0


@dataclass(frozen=True)
class Fetch(Request):
    """Ask for packets of a kept run."""

    CODE = 0x0A
    ANSWERS = (Sending,)
    run: U32
    first: U24 = 0
    last: U24 = FETCH_TO_END


@dataclass(frozen=True)
class Cancel(Request):
    """End a fetch."""

    CODE = 0x0B


@dataclass(frozen=True)
class Erase(Request):
    """Erase a kept run; `force` 1: even if it was not acknowledged."""

    CODE = 0x0C
    run: U32
    force: U8 = 0


@dataclass(frozen=True)
class Identify(Request):
    """Blink."""

    CODE = 0x0D
    seconds: U8


@dataclass(frozen=True)
class SelfTest(Request):
    """Test the sensor; `SelfTested` follows."""

    CODE = 0x0E


@dataclass(frozen=True)
class Restart(Request):
    """Restart: `mode` 0 normally, 1 in safe mode, 2 sleep."""

    CODE = 0x0F
    mode: U8 = 0


REQUESTS: dict[int, type[Request]] = {
    request.CODE: request
    for request in (
        *(Hello, StartRun, StopRun, SetMark, SetTime, Set, Get, Ack),
        *(ListRuns, Fetch, Cancel, Erase, Identify, SelfTest, Restart),
    )
}
