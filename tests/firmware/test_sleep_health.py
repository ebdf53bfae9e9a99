"""Falling asleep and waking per chip; the main loop's guard and its watchdog."""

import re
import sys
import types

import pytest
import safe
from hypothesis import given
from hypothesis import strategies as st
from pod.life import sleep
from pod.life.health import Health
from pod.life.sleep import Idle

from tests.rig.interpreter import SCRIPTS, run, run_32bit
from tests.rig.power_on import board, fresh, print_exception

MASK = 0x3FFFFFFF
BOARDS = ("esp32_devkitc", "xiao_esp32c3", "xiao_esp32s3", "lolin32_lite")

# --- the sensor's own motion detection

PWR_MGMT_1, PWR_MGMT_2, INT_PIN_CFG, INT_ENABLE = 0x6B, 0x6C, 0x37, 0x38
# MPU-6050: register map rev 3.2 (31, 32, 105). MPU-6500: product specification, "wake on motion". ICM-20689: its
# register map, and the bits of Linux's inv_mpu6050 driver (0x20 to 0x22; INT_ENABLE 7:5).
MOTION_PARTS = {
    "MPU-6050": (False, {0x1F: 20, 0x20: 1, 0x69: 0x15, INT_ENABLE: 0x40, PWR_MGMT_2: 0x87, PWR_MGMT_1: 0x28}),
    "MPU-6500": (True, {0x1F: 50, 0x1E: 6, 0x69: 0xC0, INT_ENABLE: 0x40, PWR_MGMT_2: 0x07, PWR_MGMT_1: 0x20}),
    "ICM-20689": (
        True,
        {0x20: 50, 0x21: 50, 0x22: 50, 0x69: 0xC0, INT_ENABLE: 0xE0, PWR_MGMT_2: 0x07, PWR_MGMT_1: 0x20},
    ),
}


@pytest.mark.parametrize("name", [*MOTION_PARTS, "MPU-9250", "6500-like", "6050-like"])
def test_registers_that_wake(name):
    like_6500, expected = MOTION_PARTS.get(name, MOTION_PARTS["MPU-6050" if "6050" in name else "MPU-6500"])
    written: list[tuple[int, int]] = []
    waited = []
    sensor = types.SimpleNamespace(
        part=types.SimpleNamespace(name=name, like_6500=like_6500),
        write_register=lambda *pair: written.append(pair),
        sleep_ms=waited.append,
    )
    sleep.watch_for_motion(sensor)
    final = dict(written)
    assert {register: final[register] for register in expected} == expected
    # Reset first, with the 100 ms that the datasheet asks for; INT low and latched; asleep last.
    assert written[0] == (PWR_MGMT_1, 0x80)
    assert waited[0] >= 100
    assert final[INT_PIN_CFG] == 0xA0
    assert written[-1][0] == PWR_MGMT_1
    assert final[PWR_MGMT_1] & 0x20 and not final[PWR_MGMT_1] & 0x40
    assert final[PWR_MGMT_2] & 0x3F == 0x07
    assert sum(waited) < 200


def test_every_sensor_comes_back_after_it_woke_the_pod():
    """On the register model: low power and INT armed, then identified, configured and filling its FIFO again."""
    sensors = run("life_wake.py")
    assert {line["part"] for line in sensors} == {"MPU-6050", "MPU-6500", "MPU-9250", "MPU-9255", "ICM-20689"}
    for line in sensors:
        assert line["part"] == line["kind"]
        assert line["power"][0] & 0x60 == 0x20
        assert line["interrupt"] == [0xA0, 0xE0 if line["kind"] == "ICM-20689" else 0x40]
        assert line["took_ms"] < 150
        assert line["configured"] == 1
        assert line["waiting"] in (49, 50, 51)  # 0.1 s at 500 Hz


# --- deep sleep


@pytest.fixture(params=BOARDS)
def chip(request):
    chip = types.SimpleNamespace(board=board(request.param), machine=fresh("machine"), esp32=fresh("esp32"), off=0)

    def radio_off():
        chip.off += 1

    chip.radio_off = radio_off
    return chip


def test_both_pins_wake_the_chip_when_low(chip):
    with pytest.raises(chip.machine.BoardStopped, match="deepsleep"):
        sleep.fall_asleep(chip.board, chip.machine, chip.esp32, chip.radio_off)
    assert chip.off == 1
    button, motion = (chip.board.BUTTON,), (chip.board.SENSOR_INT,)
    if chip.board.CHIP == "esp32c3":
        assert chip.esp32.wakes == [("gpio", button + motion, chip.esp32.WAKEUP_ALL_LOW)]
    else:
        # The ESP32 wakes on EXT1 only when all of its pins are low: one pin each.
        assert chip.esp32.wakes == [
            ("ext0", button, chip.esp32.WAKEUP_ALL_LOW),
            ("ext1", motion, chip.esp32.WAKEUP_ALL_LOW),
        ]


@pytest.mark.parametrize("pin", ["BUTTON", "SENSOR_INT"])
def test_it_stays_awake_while_the_button_is_down_or_the_leg_moves(chip, pin):
    chip.machine.Pin.drive(getattr(chip.board, pin), 0)
    assert sleep.fall_asleep(chip.board, chip.machine, chip.esp32, chip.radio_off) is False
    assert chip.esp32.wakes == []
    assert chip.off == 0


def test_a_micropython_that_cannot_wake_the_chip_keeps_it_awake(chip):
    """Before 1.27 the ESP32-C3 has neither wake_on_gpio nor pins for wake_on_ext0."""
    for name in ("wake_on_gpio",) if chip.board.CHIP == "esp32c3" else ("wake_on_ext0", "wake_on_ext1"):
        delattr(chip.esp32, name)
    assert not sleep.can_wake(chip.board, chip.esp32)
    assert sleep.fall_asleep(chip.board, chip.machine, chip.esp32, chip.radio_off) is False


@given(
    start=st.sampled_from([0, 2**30 - 100_000]), minutes=st.integers(1, 240), busy=st.lists(st.booleans(), max_size=20)
)
def test_idle_for_so_many_minutes(start, minutes, busy):
    now = start
    idle = Idle(now & MASK)
    last = now
    for happens in busy:
        now += 30_000
        idle.step(happens, now & MASK)
        last = now if happens else last
        assert idle.over(minutes, now & MASK) == (now - last >= minutes * 60_000)


# --- health


class Loop:
    """A main loop of parts, its record, and time."""

    def __init__(self, monkeypatch, tmp_path, parts=3, start_ms=0):
        monkeypatch.setattr(sys, "print_exception", print_exception, raising=False)
        self.machine = fresh("machine")
        self.record = safe.Record(self.machine.RTC().memory, str(tmp_path / "record"))
        self.record.starting(1)
        self.now_ms = start_ms
        self.health = Health(self.record, self.machine, start_ms & MASK)
        self.broken: dict[int, Exception] = {}
        self.turns = [0] * parts
        self.restarts = [0] * parts
        for part in range(parts):
            self.health.watch(lambda part=part: self.step(part), lambda part=part: self.restart(part))

    def step(self, part):
        self.turns[part] += 1
        if part in self.broken:
            raise self.broken[part]

    def restart(self, part):
        self.restarts[part] += 1

    def go(self, ms, step_ms=10):
        for _ in range(ms // step_ms):
            self.health.turn(self.now_ms & MASK)
            self.now_ms += step_ms


@pytest.fixture
def loop(monkeypatch, tmp_path):
    return Loop(monkeypatch, tmp_path)


def test_the_watchdog_is_armed_once_asked_and_fed_each_turn(loop):
    loop.go(100)
    assert loop.machine.WDT.made == []
    loop.health.arm()
    (watchdog,) = loop.machine.WDT.made
    assert watchdog.timeout_ms == 8000
    loop.go(100)
    assert watchdog.fed == 10


def test_arming_stops_the_timer_that_fed_it_before(loop):
    before = loop.machine.Timer(0, period=1000, callback=print)
    loop.health.arm()
    (stopped,) = [timer for timer in loop.machine.Timer.made if timer is not before]
    assert (stopped.id, stopped.callback) == (0, None)
    assert safe.Record(loop.machine.RTC().memory, "none").armed


@pytest.mark.parametrize("part", range(3))
def test_it_is_not_fed_while_any_part_fails(loop, part):
    loop.health.arm()
    loop.go(100)
    watchdog = loop.machine.WDT.made[0]
    fed = watchdog.fed
    loop.broken[part] = OSError(5)
    loop.go(40)
    assert watchdog.fed == fed
    assert loop.turns == [14] * 3  # the others go on
    assert loop.restarts == [4 if k == part else 0 for k in range(3)]
    del loop.broken[part]
    loop.go(10)
    assert watchdog.fed == fed + 1


def test_a_part_that_hangs_is_not_fed(loop):
    """It never comes back, so the turn never ends: as with any exception that is none of the loop's."""

    class Hang(BaseException):
        pass

    loop.health.arm()
    loop.broken[1] = Hang()
    with pytest.raises(Hang):
        loop.go(10)
    assert loop.machine.WDT.made[0].fed == 0


def test_a_fault_is_counted_and_its_text_kept(loop):
    loop.broken[2] = ValueError("no such thing")
    loop.go(10)
    assert loop.health.faults == loop.record.faults == 1
    assert re.fullmatch(rb"ValueError: no such thing at test_sleep_health.py:\d+", loop.record.text)
    kept = safe.Record(loop.machine.RTC().memory, "none")
    assert (kept.faults, kept.text) == (1, loop.record.text)


def test_a_fault_that_somebody_else_caught_counts_and_gives_its_text(loop):
    assert loop.health.note(OSError(5)) == loop.record.text == b"OSError: 5"
    loop.go(100)
    for _ in range(3):
        loop.health.note(OSError(5))
    with pytest.raises(loop.machine.BoardStopped):
        loop.health.note(OSError(5))
    assert loop.health.faults == 5


def test_a_long_message_is_cut_and_its_place_is_not(loop):
    loop.broken[0] = ValueError("x" * 500)
    loop.go(10)
    assert len(loop.record.text) == 60
    assert re.search(rb"x at test_sleep_health.py:\d+$", loop.record.text)


def test_the_fifth_fault_within_a_minute_resets_the_pod(loop):
    loop.broken[0] = OSError(5)
    with pytest.raises(loop.machine.BoardStopped, match=r"^reset$"):
        loop.go(1000)
    assert loop.health.faults == 5
    # On flash too, because not every build keeps the clock's memory.
    assert safe.Record(lambda: b"", loop.record._path).faults == 5


def test_four_faults_a_minute_never_reset_it(loop):
    for _ in range(10):
        loop.broken[0] = OSError(5)
        loop.go(40)
        loop.broken.clear()
        loop.go(60_000, 100)
    assert loop.health.faults == 40


def test_a_restart_that_fails_counts_too(loop):
    def restart():
        raise OSError(19)

    loop.health._restarts[1] = restart
    loop.broken[1] = OSError(5)
    loop.go(10)
    assert loop.health.faults == 2
    assert loop.record.text.startswith(b"OSError: 19")


@pytest.mark.parametrize("start_ms", [0, 2**30 - 30_000])
def test_after_a_minute_the_start_was_good(monkeypatch, tmp_path, start_ms):
    loop = Loop(monkeypatch, tmp_path, start_ms=start_ms)
    loop.go(59_990)
    assert (loop.record.unfinished, loop.health.unstored) == (1, False)
    loop.go(20)
    assert (loop.record.unfinished, loop.health.unstored) == (0, True)
    # In memory at once, on flash when nothing is measured.
    assert safe.Record(lambda: b"", loop.record._path).unfinished == 1
    loop.health.store()
    assert safe.Record(lambda: b"", loop.record._path).unfinished == 0
    assert not loop.health.unstored


def test_ctrl_c_leaves_a_prompt_that_stays(loop):
    loop.health.arm()
    loop.health.release()
    assert loop.record.unfinished == 0
    timer = loop.machine.Timer.made[-1]
    assert (timer.id, timer.period_ms) == (0, 1000)
    timer.callback(timer)
    assert loop.machine.WDT.made[0].fed == 1


@pytest.mark.parametrize(("interpreter", "file"), [(run, "life_loop.py"), (run_32bit, "<string>")])
def test_a_turn_takes_no_memory_under_micropython(interpreter, file):
    """10 s of turns every 5 ms with button, LED, battery and idle timer; and a fault's text there."""
    (answer,) = interpreter("life_loop.py")
    assert answer["bytes"] == 0
    assert answer["fed"] == 2000
    lines = (SCRIPTS / "life_loop.py").read_text().splitlines()
    line = 1 + next(k for k, text in enumerate(lines) if "raise OSError" in text)
    assert answer["text"] == f"OSError: [Errno 5] EIO at {file}:{line}"
