"""Stand-in for the ESP32's `machine`: remembers what was done to it, so that tests can look.

What is connected outside is set by tests: `bus.attach(device)`, `Pin.drive(number, level)`, `ADC.microvolts[pin]`,
`cause[0]`. A real board resets and sleeps in the functions that here raise `BoardStopped`.
"""

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5
PIN_WAKE, EXT0_WAKE, EXT1_WAKE, TIMER_WAKE = 2, 2, 3, 4

# What the ESP32's port raises when nobody acknowledges, and when the line is held.
_ENODEV, _ETIMEDOUT = 19, 116


class Wire:
    """The two lines of the only I2C bus, and what is on them.

    `byte_us` is what a byte takes at 400 kHz; `clock` (a VirtualClock) is moved by it, or None where time is real.
    Faults: `nak` transfers in a row are refused; `fail_in` counts transfers down to one that breaks off after
    `fail_after` bytes, with SDA held low for `hold_clocks` clocks of SCL where that is not zero.
    """

    def __init__(self):
        self.clock = None
        self.byte_us = 25
        self.clear()

    def clear(self):
        self.devices = {}
        self.scl = self.sda = None
        self.nak = 0
        self.fail_in = 0
        self.fail_after = 0
        self.hold_clocks = 0
        self.held = 0
        self.connections = 0
        self._clocks = 0

    def attach(self, device, address=0x68):
        self.devices[address] = device

    def clock_line(self, level):
        """SCL moved by hand: a device that holds SDA shifts its bits out and lets go."""
        if not level or not self.held:
            return
        self.held -= 1
        self._clocks += 1
        if self._clocks % 9 == 0:
            for device in self.devices.values():
                device.read_byte()

    def begin(self, address, register):
        """Address a device; returns how many bytes go through before the transfer breaks off, or -1 for all."""
        self.pass_time(3)
        if self.held:
            if self.clock:
                self.clock.advance(50_000)
            raise OSError(_ETIMEDOUT)
        if address not in self.devices:
            raise OSError(_ENODEV)
        if self.nak:
            self.nak -= 1
            raise OSError(_ENODEV)
        self.devices[address].select(register)
        if self.fail_in:
            self.fail_in -= 1
            if not self.fail_in:
                return self.fail_after
        return -1

    def break_off(self):
        self.held = self.hold_clocks
        self._clocks = 0
        raise OSError(_ETIMEDOUT if self.held else _ENODEV)

    def pass_time(self, byte_count):
        if self.clock:
            self.clock.advance(self.byte_us * byte_count)


bus = Wire()


class Pin:
    IN, OUT, OPEN_DRAIN = 1, 3, 7
    PULL_DOWN, PULL_UP = 1, 2
    IRQ_RISING, IRQ_FALLING, IRQ_LOW_LEVEL, IRQ_HIGH_LEVEL = 1, 2, 4, 5
    WAKE_LOW, WAKE_HIGH = 4, 5
    DRIVE_0, DRIVE_1, DRIVE_2, DRIVE_3 = 0, 1, 2, 3

    def __init__(self, id, mode=-1, pull=-1, *, value=None, drive=0, hold=None):
        self.id = id
        self.handler = None
        self.init(mode, pull, value=value, drive=drive, hold=hold)

    def init(self, mode=-1, pull=-1, *, value=None, drive=0, hold=None):
        self.mode, self.pull, self.drive_strength, self.hold = mode, pull, drive, hold
        if value is not None:
            self._set(value)
        elif pull == Pin.PULL_UP and self.id not in Pin.levels:
            Pin.levels[self.id] = 1

    @classmethod
    def drive(cls, id, level):
        """What is outside pulls the pin to `level`."""
        cls.levels[id] = level

    def _set(self, level):
        level = 1 if level else 0
        before = Pin.levels.get(self.id, 0)
        Pin.levels[self.id] = level
        if Pin.recording:
            Pin.history.append((self.id, level))
        if self.id == bus.scl and level and not before:
            bus.clock_line(level)

    def value(self, level=None):
        if level is not None:
            self._set(level)
            return None
        if self.id == bus.sda and bus.held:
            return 0
        return Pin.levels.get(self.id, 0)

    def __call__(self, level=None):
        return self.value(level)

    def on(self):
        self._set(1)

    def off(self):
        self._set(0)

    def irq(self, handler=None, trigger=3, *, priority=1, wake=None, hard=False):
        self.handler, self.trigger, self.wake = handler, trigger, wake
        return self

    def __repr__(self):
        return f"Pin({self.id})"


Pin.levels = {}
Pin.history = []
Pin.recording = False


class I2C:
    def __init__(self, id=0, *, scl, sda, freq=400_000, timeout=50_000):
        bus.scl, bus.sda = scl.id, sda.id
        bus.byte_us = 9_000_000 // freq + 2
        bus.connections += 1

    def scan(self):
        return sorted(bus.devices)

    def readfrom_mem_into(self, address, register, buf, *, addrsize=8):
        whole = bus.begin(address, register)
        device = bus.devices[address]
        if whole < 0 and device.read_burst(buf, bus.byte_us * len(buf)):
            bus.pass_time(len(buf))
            device.step()
            return
        for k in range(len(buf)):
            if k == whole:
                bus.break_off()
            bus.pass_time(1)
            buf[k] = device.read_byte()
        if whole >= len(buf):
            bus.break_off()

    def readfrom_mem(self, address, register, count, *, addrsize=8):
        buf = bytearray(count)
        self.readfrom_mem_into(address, register, buf)
        return bytes(buf)

    def writeto_mem(self, address, register, buf, *, addrsize=8):
        whole = bus.begin(address, register)
        device = bus.devices[address]
        for k in range(len(buf)):
            if k == whole:
                bus.break_off()
            bus.pass_time(1)
            device.write_byte(buf[k])


SoftI2C = I2C


class ADC:
    ATTN_0DB, ATTN_2_5DB, ATTN_6DB, ATTN_11DB = 0, 1, 2, 3

    def __init__(self, pin, *, atten=0):
        self.pin = pin.id if isinstance(pin, Pin) else pin
        self.attenuation = atten

    def atten(self, attenuation):
        self.attenuation = attenuation

    def read_uv(self):
        return ADC.microvolts.get(self.pin, 0)

    def read_u16(self):
        return min(65535, self.read_uv() * 65535 // 3_300_000)


ADC.microvolts = {}


class PWM:
    def __init__(self, pin, freq=1000, duty_u16=0):
        self.pin, self._freq, self._duty_u16 = pin, freq, duty_u16

    def freq(self, hz=None):
        if hz is None:
            return self._freq
        self._freq = hz
        return None

    def duty_u16(self, duty=None):
        if duty is None:
            return self._duty_u16
        self._duty_u16 = duty
        return None

    def deinit(self):
        self._duty_u16 = 0


class Timer:
    ONE_SHOT, PERIODIC = 0, 1

    def __init__(self, id=-1, **settings):
        self.id = id
        self.callback = None
        Timer.made.append(self)
        if settings:
            self.init(**settings)

    def init(self, *, mode=1, period=-1, freq=-1, callback=None):
        self.mode, self.period_ms, self.callback = mode, period, callback

    def deinit(self):
        self.callback = None


Timer.made = []


class WDT:
    def __init__(self, id=0, timeout=5000):
        self.timeout_ms = timeout
        self.fed = 0
        WDT.made.append(self)

    def feed(self):
        self.fed += 1


WDT.made = []


class RTC:
    def memory(self, data=None):
        if data is None:
            return RTC.stored[0]
        RTC.stored[0] = bytes(data)
        return None


RTC.stored = [b""]


class BoardStopped(BaseException):
    """The board would restart or sleep here; the text says which."""


cause = [PWRON_RESET]
wake = [0]


def reset_cause():
    return cause[0]


def wake_reason():
    return wake[0]


def unique_id():
    return b"\x24\x0a\xc4\x12\x5f\x6f"


def freq(hz=None):
    return 160_000_000


def idle():
    pass


def reset():
    raise BoardStopped("reset")


def soft_reset():
    raise BoardStopped("soft reset")


def deepsleep(time_ms=None):
    raise BoardStopped("deepsleep")


def lightsleep(time_ms=None):
    raise BoardStopped("lightsleep")


def disable_irq():
    return 0


def enable_irq(state):
    pass
