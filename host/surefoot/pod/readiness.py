"""What is to be known about a pod before it records."""

from __future__ import annotations

from surefoot.errors import PodError, PodRefused
from surefoot.pod.refusals import refusal
from surefoot.wire.answers import Ability, ErrorCode, Greeting
from surefoot.wire.records import Start
from surefoot.wire.status import State, Status

BATTERY_WARNING_PERCENT = 20
"""Of a curve that is 10 % off at times: an hour may still be in it, or not."""
STORE_WARNING_SHARE = 0.1
"""A tenth of the smallest store holds 40 s at 500 Hz: too little for a link that is lost behind a hill."""


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
    percent, free = status.measured_battery_percent, status.store_free_share
    if percent is not None and percent < BATTERY_WARNING_PERCENT:
        notes.append(f"The pod's battery is at {percent} %: charge it soon.")
    if not greeting.abilities & Ability.STORE:
        notes.append("The pod has no store: what is lost on the air for more than a second or two is lost.")
    elif status.store_full:
        notes.append("The pod's store is full: it cannot bridge a lost link. Fetch its runs with `surefoot pull`.")
    elif free is not None and free < STORE_WARNING_SHARE:
        notes.append(f"Only {100 * free:.0f} % of the pod's store is free: fetch its runs soon.")
    if not identity.calibrated:
        notes.append("The pod's accelerometer is not calibrated: shocks may be some per cent off.")
    return notes
