"""Errors that a pod answers with, as sentences."""

from __future__ import annotations

from surefoot.errors import PodBusy, PodError, PodRefused
from surefoot.wire.answers import ERRORS, ErrorCode

_NEXT_STEPS: dict[int, tuple[str, str]] = {
    ErrorCode.NOT_IN_THIS_STATE: (
        "it is recording, or not recording, and that does not go with what was asked",
        "end the recording first, or wait until the pod has started",
    ),
    ErrorCode.STORE_FULL: ("its store is full", "fetch its runs with `surefoot pull`"),
    ErrorCode.NO_STORE: ("it has no store", "record with a computer near it"),
    ErrorCode.NO_SENSOR: (
        "its sensor does not answer or is not one that it knows",
        "check the wires of the sensor, then switch the pod off and on",
    ),
    ErrorCode.BATTERY_LOW: ("its battery is too low", "charge it"),
    ErrorCode.NO_SUCH_RUN: ("it has no such run any more", "look which runs it has with `surefoot pull`"),
    ErrorCode.NOT_KEPT: ("it keeps nothing of that any more", "look which runs it has with `surefoot pull`"),
    ErrorCode.NOT_ACKNOWLEDGED: ("that run was not fetched yet", "fetch it with `surefoot pull`"),
    ErrorCode.VERSION_NOT_SPOKEN: ("it speaks another version of the protocol", "update Surefoot or the pod"),
    ErrorCode.NO_SUCH_SETTING: ("it does not know that setting", "update the pod's firmware"),
    ErrorCode.FAULT: ("its firmware met a fault", "try again; if it stays, switch the pod off and on"),
}


def refusal(pod: str, code: int) -> PodError:
    """Return the error to raise for an answer with this code."""
    if code == ErrorCode.BUSY:
        return PodBusy(
            pod, "another device drives it", "end the recording there, or switch that device's Bluetooth off"
        )
    why, next_step = _NEXT_STEPS.get(
        code, (f"it refused: {ERRORS.get(code, f'error {code}')}", "update Surefoot and the pod")
    )
    return PodRefused(pod, code, why, next_step)
