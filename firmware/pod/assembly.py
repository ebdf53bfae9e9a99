"""Makes the pod out of its parts and the board's pins, and runs it."""

import time

import board
import esp32
import machine
from micropython import const

from pod import VERSION
from pod.duties import Duties
from pod.flash.keeper import Keeper
from pod.flash.store import RunStore
from pod.gait.cue import Cue
from pod.gait.detector import Detector
from pod.life import button, led, settings, sleep
from pod.life.battery import Battery
from pod.life.files import SmallFile
from pod.life.health import Health
from pod.life.settings import Settings
from pod.link.sender import Sender
from pod.numbering import RunNumbers
from pod.panel import Panel
from pod.pod import Pod
from pod.seconds import Seconds
from pod.sensing.bus import Bus
from pod.sensing.sampler import Sampler
from pod.sensing.sensor import Sensor
from pod.session import Session
from pod.telling import describe_device
from pod.wire.packet import COUNTER
from pod.wire.records import StartBody
from pod.wire.ring import PacketRing

# A turn must be longer than a tick of the operating system, 10 ms, or the processor never rests. At 1000 Hz there is no
# time to rest.
_TURN_MS = const(12)
_FAST_TURN_MS = const(3)
_FAST_HZ = const(500)


def now_ms():
    """Milliseconds of the pod's clock, modulo 2^30."""
    return time.ticks_ms() & COUNTER  # type: ignore[operator]


def run_store():
    """The store on the partition `runs`, or None on a board without it."""
    found = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="runs")
    if not found:
        return None
    store = RunStore(found[0], time.ticks_us)
    store.mount()
    return store


def assemble(record, cause, radio):
    """Make all parts around the radio, which was made first; the sensor is not touched yet."""
    ring = PacketRing()
    chosen = Settings(SmallFile("settings"))
    sensor = Sensor(Bus(board.SCL, board.SDA, board.I2C_HZ, board.SENSOR_ADDRESS), time.sleep_ms)
    sampler = Sampler(sensor, ring, Detector(chosen.get(settings.RATE_HZ)), time.ticks_us)
    serial = machine.unique_id()
    body = StartBody()
    body.pod(board.NAME.encode(), serial, VERSION, record.boots, cause)
    session = Session(ring, sampler, body, time.ticks_us)
    store = run_store()
    pod = Pod(
        board.NAME,
        record,
        cause,
        Health(record, machine, now_ms()),
        Battery(_gauge(), board.BATTERY_RATIO),
        _cue(),
        (sensor, sampler, ring, session, body, time.ticks_us),
        (chosen, RunNumbers(SmallFile("run"), store), store, Keeper(ring, store) if store else None),
        (radio.pairing, radio, Sender(radio, ring, store)),
    )
    pod.apply_all()
    describe_device(radio, serial)
    return pod


def run(pod):
    """Run the main loop until the board is switched off, restarts or sleeps."""
    duties = Duties(pod)
    idle = sleep.Idle(now_ms())
    seconds = Seconds(pod, duties, idle, lambda: _sleep(pod, idle), lambda safely: _reset(pod, safely))
    panel = Panel(pod, duties, button.Button(_button()), led.Led(machine.Pin(board.LED, machine.Pin.OUT), board.LED_ON))
    health = pod.health
    for step in (duties.sample, duties.keep, duties.listen, duties.send, seconds.tend, panel.step):
        health.watch(step)
    pod.wake_sensor()
    seconds.resume()
    health.arm()
    try:
        while True:
            duties.now_ms = now_ms()
            health.turn(duties.now_ms)
            time.sleep_ms(_FAST_TURN_MS if pod.sensor.rate_hz > _FAST_HZ else _TURN_MS)
    except KeyboardInterrupt:
        health.release()
        raise


def _gauge():
    if board.BATTERY is None:
        return None
    return machine.ADC(machine.Pin(board.BATTERY), atten=machine.ADC.ATTN_11DB).read_uv


def _cue():
    return None if board.CUE is None else Cue(machine.Pin(board.CUE, machine.Pin.OUT, value=0))


def _button():
    return machine.Pin(board.BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)


def _settle(pod):
    """Put all into flash that is not there yet."""
    pod.finish()
    pod.settings.store()
    pod.health.store()
    pod.pairing.step(now_ms(), True)


def _sleep(pod, idle):
    """Sleep until a movement or the button; if that cannot be, stay awake for another while."""
    _settle(pod)
    if sleep.can_wake(board, esp32):
        pod.sampler.stop()
        if pod.sensor.part:
            sleep.watch_for_motion(pod.sensor)
        pod.record.settle(True)
        sleep.fall_asleep(board, machine, esp32, pod.radio.off)
        pod.wake_sensor()
    idle.step(True, now_ms())


def _reset(pod, safely):
    _settle(pod)
    pod.record.ask(1 if safely else 0)
    machine.reset()
