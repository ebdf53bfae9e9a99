"""Deep sleep when nothing happens, and waking by a movement or by the button."""

from micropython import const

from pod.wire.packet import COUNTER

_WAIT_MS = const(0)  # in place of a register: wait so many ms
_SMPLRT_DIV = const(0x19)
_CONFIG = const(0x1A)
_ACCEL_CONFIG = const(0x1C)
_ACCEL_CONFIG_2 = const(0x1D)
_LP_ACCEL_ODR = const(0x1E)
_MOT_THR = const(0x1F)
_MOT_DUR = const(0x20)
_INT_PIN_CFG = const(0x37)
_INT_ENABLE = const(0x38)
_MOT_DETECT_CTRL = const(0x69)
_PWR_MGMT_1 = const(0x6B)
_PWR_MGMT_2 = const(0x6C)

# INT goes low, driven, and stays so until INT_STATUS is read: a level that every one of the chips can wake on.
_LOW_AND_LATCHED = const(0xA0)

# MPU-6050: a high-pass filter that holds its last value makes the difference to the rest before the sleep; 20
# measurements a second. Its register map 4.2 leaves MOT_THR and the filter out; they are as in the older map.
MPU_6050 = (
    (_PWR_MGMT_1, 0x80),
    (_WAIT_MS, 100),
    (_PWR_MGMT_1, 0x00),
    (_WAIT_MS, 30),
    (_CONFIG, 0x00),
    (_ACCEL_CONFIG, 0x01),
    (_MOT_THR, 20),
    (_MOT_DUR, 1),
    (_MOT_DETECT_CTRL, 0x15),
    (_INT_PIN_CFG, _LOW_AND_LATCHED),
    (_INT_ENABLE, 0x40),
    (_WAIT_MS, 5),
    (_ACCEL_CONFIG, 0x07),
    (_PWR_MGMT_2, 0x87),
    (_PWR_MGMT_1, 0x28),
)

# MPU-6500, 9250, 9255: wake on motion compares each measurement with the one before; 4 mg a step, 16 a second.
MPU_6500 = (
    (_PWR_MGMT_1, 0x80),
    (_WAIT_MS, 100),
    (_PWR_MGMT_1, 0x00),
    (_WAIT_MS, 30),
    (_PWR_MGMT_2, 0x07),
    (_ACCEL_CONFIG_2, 0x01),
    (_MOT_THR, 50),
    (_LP_ACCEL_ODR, 0x06),
    (_INT_PIN_CFG, _LOW_AND_LATCHED),
    (_INT_ENABLE, 0x40),
    (_MOT_DETECT_CTRL, 0xC0),
    (_PWR_MGMT_1, 0x20),
)

# ICM-20689: the same with a threshold and an interrupt for each axis, and the rate from the divider; 20 a second.
ICM_20689 = (
    (_PWR_MGMT_1, 0x80),
    (_WAIT_MS, 100),
    (_PWR_MGMT_1, 0x00),
    (_WAIT_MS, 30),
    (_PWR_MGMT_2, 0x07),
    (_ACCEL_CONFIG_2, 0x01),
    (_MOT_DUR, 50),
    (_MOT_DUR + 1, 50),
    (_MOT_DUR + 2, 50),
    (_SMPLRT_DIV, 49),
    (_INT_PIN_CFG, _LOW_AND_LATCHED),
    (_INT_ENABLE, 0xE0),
    (_MOT_DETECT_CTRL, 0xC0),
    (_PWR_MGMT_1, 0x20),
)


def motion_registers(part):
    """Give the registers and values that make a sensor of this kind (parts.Part) wake the pod."""
    if not part.like_6500:
        return MPU_6050
    return ICM_20689 if part.name == "ICM-20689" else MPU_6500


def watch_for_motion(sensor):
    """Put an identified sensor into its low-power mode, INT low at the next movement. Takes 0.14 s; a reset ends it."""
    for register, value in motion_registers(sensor.part):
        if register == _WAIT_MS:
            sensor.sleep_ms(value)
        else:
            sensor.write_register(register, value)


def can_wake(board, esp32):
    """Whether this MicroPython can wake this chip by a pin: the ESP32-C3 needs 1.27."""
    if board.WAKE == "gpio":
        return hasattr(esp32, "wake_on_gpio")
    return board.WAKE == "ext" and hasattr(esp32, "wake_on_ext0") and hasattr(esp32, "wake_on_ext1")


def fall_asleep(board, machine, esp32, last):
    """Deep sleep until the button or the sensor's INT is low. Returns False if one is low already or nothing can wake.

    `last` is called when nothing stands against it. On the board this does not return otherwise: waking is a start with
    reset cause 4. The pull-ups do not last through the sleep on every chip: the board has resistors, or the sensor
    drives its line.
    """
    if not can_wake(board, esp32):
        return False
    button = machine.Pin(board.BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)
    motion = machine.Pin(board.SENSOR_INT, machine.Pin.IN, machine.Pin.PULL_UP)
    if not button() or not motion():
        return False
    if board.WAKE == "gpio":
        esp32.wake_on_gpio((button, motion), esp32.WAKEUP_ALL_LOW)
    else:
        # Two sources, because the ESP32 wakes on EXT1 only when all of its pins are low.
        esp32.wake_on_ext0(button, esp32.WAKEUP_ALL_LOW)
        esp32.wake_on_ext1((motion,), esp32.WAKEUP_ALL_LOW)
    last()
    machine.deepsleep()
    return True


class Idle:
    """How long nothing has happened: no link, no run, no button, no landing."""

    def __init__(self, now_ms):
        self._since_ms = now_ms

    def step(self, busy, now_ms):
        """Say in each turn of the loop whether something happens."""
        if busy:
            self._since_ms = now_ms

    def over(self, minutes, now_ms):
        """Whether it has been longer than so many minutes."""
        return ((now_ms - self._since_ms) & COUNTER) >= minutes * 60_000
