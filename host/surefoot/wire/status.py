"""The pod's state once a second and at each stride, and what any watch can read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from surefoot.errors import WireError
from surefoot.wire.fields import U8, U16, U24, Fields

STATUS_LAYOUT = 1
SPEED_UNITS_PER_MPS = 256
_STATE_BITS = 0x0F
_NOT_MEASURED_U8, _NOT_MEASURED_U16 = 255, 65535
_STRIDE_LENGTH, _DISTANCE, _RUNNING = 0x01, 0x02, 0x04


class State(IntEnum):
    """What the pod does."""

    IDLE = 0
    MEASURING = 1
    RECORDING = 2
    BATTERY_TOO_LOW = 3
    SENSOR_FAILED = 4


@dataclass(frozen=True)
class Status(Fields):
    """The status characteristic; `docs/link.md` says what stands for 'not measured'. `shock_cg` is in 0.01 g."""

    layout: U8
    state_and_flags: U8
    battery_percent: U8
    cadence_spm: U8
    contact_ms: U16
    shock_cg: U16
    landings: U24
    packets_unacknowledged: U8
    store_free_permille: U16
    newest_sequence: U24
    run: U8
    packets_dropped: U16

    @classmethod
    def from_bytes(cls, data: bytes) -> Status:
        """Read it; another layout is an error."""
        if data[:1] not in (b"", bytes([STATUS_LAYOUT])):
            raise WireError("status", f"its layout is {data[0]}", "update Surefoot")
        return super().from_bytes(data)

    @property
    def state(self) -> int:
        """A `State`, where known."""
        return self.state_and_flags & _STATE_BITS

    @property
    def keeping(self) -> bool:
        """Whether packets go to flash."""
        return bool(self.state_and_flags & 0x10)

    @property
    def store_full(self) -> bool:
        """Whether flash takes no more."""
        return bool(self.state_and_flags & 0x20)

    @property
    def pairing_open(self) -> bool:
        """Whether a new host may pair."""
        return bool(self.state_and_flags & 0x40)

    @property
    def clipped(self) -> bool:
        """Whether the last landing was clipped."""
        return bool(self.state_and_flags & 0x80)

    @property
    def measured_battery_percent(self) -> int | None:
        """Charge of the battery; None where it is not measured."""
        return None if self.battery_percent == _NOT_MEASURED_U8 else self.battery_percent

    @property
    def store_free_share(self) -> float | None:
        """Free part of the store, 0 to 1; None where there is no store."""
        return None if self.store_free_permille == _NOT_MEASURED_U16 else self.store_free_permille / 1000

    @property
    def shock_g(self) -> float | None:
        """Shock of the last landing; None before the first."""
        return None if self.shock_cg == _NOT_MEASURED_U16 else self.shock_cg / 100


@dataclass(frozen=True)
class RunningMeasurement:
    """Measurement of the Running Speed and Cadence service, of any foot pod; None where it does not say."""

    speed_mps: float
    cadence_spm: int
    running: bool
    stride_length_m: float | None = None
    distance_m: float | None = None

    @classmethod
    def from_bytes(cls, data: bytes) -> RunningMeasurement:
        """Read it; WireError where its length is not what its flags say."""
        flags = data[0] if data else 0
        size = 4 + (2 if flags & _STRIDE_LENGTH else 0) + (4 if flags & _DISTANCE else 0)
        if len(data) != size:
            raise WireError("running speed and cadence", f"it has {len(data)} bytes instead of {size}")
        stride_length_cm = int.from_bytes(data[4:6], "little") if flags & _STRIDE_LENGTH else None
        distance_dm = int.from_bytes(data[size - 4 :], "little") if flags & _DISTANCE else None
        return cls(
            speed_mps=int.from_bytes(data[1:3], "little") / SPEED_UNITS_PER_MPS,
            cadence_spm=data[3],
            running=bool(flags & _RUNNING),
            stride_length_m=None if stride_length_cm is None else stride_length_cm / 100,
            distance_m=None if distance_dm is None else distance_dm / 10,
        )
