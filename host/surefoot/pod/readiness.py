"""What is to be known about a pod before it records."""

from __future__ import annotations

from surefoot.errors import PodError, PodRefused
from surefoot.pod.refusals import refusal
from surefoot.wire.answers import ErrorCode, Greeting
from surefoot.wire.fields import UNKNOWN_I16
from surefoot.wire.records import Start
from surefoot.wire.status import State, Status

NOT_MEASURED_U8 = 255
NO_STORE_PERMILLE = 65535
BATTERY_WARNING_PERCENT = 20
"""Of a curve that is 10 % off at times: an hour may still be in it, or not."""
STORE_WARNING_PERMILLE = 100
"""A tenth of the smallest store holds 40 s at 500 Hz: too little for a link that is lost behind a hill."""
_HAS_STORE = 1


def battery_percent(status: Status) -> int | None:
    """Return the battery's level, None where it is not measured."""
    return None if status.battery_percent == NOT_MEASURED_U8 else status.battery_percent


def store_free_share(status: Status) -> float | None:
    """Return the free part of the store, 0 to 1, None where there is no store."""
    return None if status.store_free_permille == NO_STORE_PERMILLE else status.store_free_permille / 1000


def refusal_to_record(pod: str, status: Status, hardware: str) -> PodError | None:
    """Return why this pod cannot record now; `hardware` is what it says about board and sensor."""
    if status.state == State.BATTERY_TOO_LOW:
        return refusal(pod, ErrorCode.BATTERY_LOW)
    if status.state == State.SENSOR_FAILED:
        return PodRefused(
            pod,
            ErrorCode.NO_SENSOR,
            f"its sensor fails ({hardware})",
            "check the wires of the sensor, then switch the pod off and on",
        )
    return None


def notes_before(identity: Start, greeting: Greeting, status: Status) -> list[str]:
    """Return what the runner should know before the start, as sentences."""
    notes = []
    percent = battery_percent(status)
    if percent is not None and percent < BATTERY_WARNING_PERCENT:
        notes.append(f"The pod's battery is at {percent} %: charge it soon.")
    if not greeting.abilities & _HAS_STORE:
        notes.append("The pod has no store: what is lost on the air for more than a second or two is lost.")
    elif status.store_full:
        notes.append("The pod's store is full: it cannot bridge a lost link. Fetch its runs with `surefoot pull`.")
    elif status.store_free_permille < STORE_WARNING_PERMILLE:
        notes.append(f"Only {status.store_free_permille / 10:.0f} % of the pod's store is free: fetch its runs soon.")
    if UNKNOWN_I16 in identity.accel_offset_100ug + identity.accel_scale_e4:
        notes.append("The pod's accelerometer is not calibrated: shocks may be some per cent off.")
    return notes
