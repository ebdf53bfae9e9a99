"""The calibration in the pod's settings: all six values of it, or none."""

from __future__ import annotations

from contextlib import suppress

from surefoot.errors import SurefootError
from surefoot.selftest.bench import CALIBRATION_SETTINGS, Bench
from surefoot.wire.fields import UNKNOWN_I16

NONE = (UNKNOWN_I16,) * len(CALIBRATION_SETTINGS)
"""Of a pod that was never calibrated. One value of this is enough for the pod to count as not calibrated."""


class NotStored(SurefootError):
    """The pod did not take a calibration; `restored` says whether the one before is in force again."""

    def __init__(self, pod: str, why: str, restored: bool) -> None:
        self.pod = pod
        self.restored = restored
        now = "what it had before is in force" if restored else "it may count as not calibrated now"
        super().__init__(f"Cannot store the calibration on {pod}", f"{why}; {now}", "run the self-test again")


async def read_calibration(bench: Bench) -> tuple[int, ...]:
    """Return the six values in force."""
    return tuple([await bench.read_setting(number) for number in CALIBRATION_SETTINGS])


async def store_calibration(bench: Bench, values: tuple[int, ...]) -> None:
    """Put six values in force, let the pod write them to flash, and read them back.

    Raises
    ------
    NotStored
        One could not be written, or does not read back; the six of before were put back as far as that goes.
    """
    before = await read_calibration(bench)
    try:
        await _write(bench, values)
        await bench.keep_settings()
        if await read_calibration(bench) == values:
            return
        why = "it reads back otherwise than it was written"
    except SurefootError as error:
        why = error.why
    except BaseException:
        with suppress(SurefootError):
            await _write(bench, before)
        raise
    restored = False
    with suppress(SurefootError):
        await _write(bench, before)
        await bench.keep_settings()
    with suppress(SurefootError):
        restored = await read_calibration(bench) == before
    raise NotStored(bench.pod, why, restored)


async def _write(bench: Bench, values: tuple[int, ...]) -> None:
    """Write so that no moment has a mixture: with the first value unknown the others do not count."""
    first, *others = CALIBRATION_SETTINGS
    await bench.write_setting(first, UNKNOWN_I16)
    for number, value in zip(others, values[1:], strict=True):
        await bench.write_setting(number, value)
    await bench.write_setting(first, values[0])
