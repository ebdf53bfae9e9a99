"""The LED: patterns as data, chosen by what matters most, shown without waiting."""

from micropython import const

from pod.wire.packet import COUNTER

READY = const(0)
LINKED = const(1)
RECORDING = const(2)
ALONE = const(3)
BATTERY_LOW = const(4)
SENSOR_FAILED = const(5)
STORE_FULL = const(6)
PAIRING = const(7)
IDENTIFY = const(8)
SAFE_MODE = const(9)
PRESSED = const(10)
FORGETTING = const(11)

# Milliseconds on, off, on, off ...; from the start again at the end. The table of docs/firmware.md says the same.
PATTERNS = (
    (30, 2970),
    (30, 170, 30, 2770),
    (30, 970),
    (30, 170, 30, 770),
    (500, 1500),
    (30, 170, 30, 170, 30, 1570),
    (30, 170, 30, 170, 30, 170, 30, 1370),
    (100, 100),
    (250, 250),
    (1000, 1000),
    (1000,),
    (50, 50),
)
_WARNINGS = (BATTERY_LOW, SENSOR_FAILED, STORE_FULL)
FLASH_MS = const(30)
DIM_FLASH_MS = const(8)
DIM_AFTER_MS = const(300_000)

_RECORDING = const(2)
_DARK = const(-1)
_TROUBLE = {3: BATTERY_LOW, 4: SENSOR_FAILED}
_HELD = (PRESSED, PRESSED, PAIRING, FORGETTING)


def pattern_of(state, stage, identifying, pairing, linked, full):
    """Choose what to show: `state` as in docs/link.md (status), `stage` of the button; the rest true or false."""
    if stage:
        return _HELD[stage]
    if identifying:
        return IDENTIFY
    if pairing:
        return PAIRING
    if state in _TROUBLE:
        return _TROUBLE[state]
    if full and not linked:
        return STORE_FULL
    return (RECORDING if linked else ALONE) if state == _RECORDING else (LINKED if linked else READY)


class Led:
    """Shows one pattern at a time on `pin(level)`. Flashes get shorter after five minutes of it; warnings do not."""

    def __init__(self, pin, on_level):
        self._pin = pin
        self._on_level = on_level
        self._number = _DARK
        self._since_ms = 0
        self._place = 0
        self._began_ms = 0
        self._light(False)

    def show(self, number, now_ms):
        """Change to the pattern `number`; nothing happens if it is shown already."""
        if number != self._number:
            self._number = number
            self._since_ms = now_ms
            self._place = 0
            self._began_ms = now_ms
            self._light(True)

    def step(self, now_ms):
        """Go on in the pattern. Called every few ms; allocates nothing."""
        if self._number == _DARK:
            return
        pattern = PATTERNS[self._number]
        if len(pattern) > 1 and ((now_ms - self._began_ms) & COUNTER) >= self._length_ms(pattern, now_ms):
            self._began_ms = now_ms
            self._place += 1
            if self._place == len(pattern):
                self._place = 0
            self._light(self._place % 2 == 0)

    def _length_ms(self, pattern, now_ms):
        length_ms = pattern[self._place]
        if length_ms != FLASH_MS or self._number in _WARNINGS:
            return length_ms
        return DIM_FLASH_MS if ((now_ms - self._since_ms) & COUNTER) >= DIM_AFTER_MS else length_ms

    def _light(self, on):
        self._pin(self._on_level if on else 1 - self._on_level)
