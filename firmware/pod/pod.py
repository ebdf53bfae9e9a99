"""The pod as a whole: what state it is in, and how it gets from one to the next."""

from micropython import const

from pod.gait.detector import Detector
from pod.life import settings
from pod.sensing.selftest import gyro_bias
from pod.sensing.sensor import Refused
from pod.wire import answer, status
from pod.wire.packet import COUNTER, SAMPLES
from pod.wire.records import SELF_TEST_NOT_RUN, UNKNOWN

STAY = const(-1)
NORMAL = const(0)
SAFE_MODE = const(1)
SLEEP = const(2)

_NO_TIME = bytes(8)
_NO_BIAS = (UNKNOWN, UNKNOWN, UNKNOWN)


class Pod:
    """Idle, measuring (samples only feed the detector), recording, or stopped by the battery or the sensor.

    Its parts are attributes. `store` and `keeper` are None on a board without the partition, `cue` without one.
    """

    def __init__(self, board_name, record, cause, health, battery, cue, sensing, keeping, link):
        self.board_name = board_name
        self.record = record
        self.cause = cause
        self.health = health
        self.battery = battery
        self.cue = cue
        self.sensor, self.sampler, self.ring, self.session, self.body, ticks_us = sensing
        self.settings, self.numbers, self.store, self.keeper = keeping
        self.pairing, self.radio, self.sender = link
        self._ticks_us = ticks_us
        self.state = status.IDLE
        self.refusal = ""
        self.utc = _NO_TIME
        self.utc_age_s = 0
        self.identify_s = 0
        self.leaving = STAY
        self.closing = False
        self.tests_for = None
        self.wants_identity = True
        self._detector_hz = self.settings.get(settings.RATE_HZ)

    # States

    def wake_sensor(self):
        """Find the sensor, set it up and begin to measure; the reason, if it cannot, is in `refusal`."""
        self.state = status.SENSOR_FAILED
        try:
            self.sensor.identify()
            self.refusal = ""
        except Refused as refused:
            self.refusal = str(refused)
            self.wants_identity = True
            return
        if self._tune():
            self.body.self_test(SELF_TEST_NOT_RUN, gyro_bias(self.sensor) or _NO_BIAS)
            self.measure()

    def measure(self):
        """Sample for the detector alone."""
        self._describe_sensor()
        self.state = status.MEASURING if self.session.measure() else status.SENSOR_FAILED

    def start(self, started_by):
        """Record a new run: 0, or the error of docs/link.md that stands against it."""
        refusal = self.refusal_to_measure()
        if refusal:
            return refusal
        self.finish()
        run = self.numbers.next()
        temperature, battery_mv = self.sensor.temperature_cc(), self.battery.mv
        if not self.session.start(run, started_by, temperature, battery_mv, self.utc, self.utc_age_s):
            self.state = status.SENSOR_FAILED
            return answer.NO_SENSOR
        self.sender.begin(run)
        if self.keeper:
            self.keeper.open(run)
        self.state = status.RECORDING
        self.wants_identity = True
        return answer.DONE

    def refusal_to_measure(self):
        """The error that stands against a run or a self-test in this state, or 0."""
        if self.state == status.BATTERY_TOO_LOW:
            return answer.BATTERY_LOW
        if self.state == status.SENSOR_FAILED:
            return answer.NO_SENSOR
        return answer.DONE if self.state == status.MEASURING else answer.WRONG_STATE

    def stop(self, reason):
        """End the run and go on measuring. Its last packets stay in the ring until the host or flash has them."""
        self.session.stop(reason)
        if self.cue:
            self.cue.stop()
        self.closing = self.keeper is not None
        self.measure()

    def finish(self):
        """Put what the host has not acknowledged of the last run into flash, if it is to be kept at all."""
        if self.closing:
            keep = self.settings.get(settings.KEEP)
            while self.keeper.step(False, keep) or self._make_room():
                pass
            self.abandon()

    def _make_room(self):
        """Erase a block if the tail of the run needs it."""
        return self.keeper.full and not self.store.accepts(SAMPLES) and self.store.prepare()

    def abandon(self):
        """Close the last run on flash as it is, and release what the host has of it."""
        self.keeper.close()
        self.closing = False
        if self.ring.acked:
            self.store.release(self.session.run, self.ring.acked - 1)

    # What a host asks for

    def set_time(self, utc):
        """Note the time of a host; the pod's clock now."""
        self.utc = bytes(utc)
        self.utc_age_s = 0
        clock_us = self._ticks_us() & COUNTER
        if self.session.recording:
            self.session.clock(utc)
        return clock_us

    def apply(self, setting):
        """Let a setting that was changed take effect."""
        self.wants_identity = True
        if setting == settings.RATE_HZ and self.state == status.MEASURING:
            self.sampler.stop()
            self._tune()
            self.measure()
        self.apply_all()

    def apply_all(self):
        """Let the settings of the runner take effect: cue, side, calibration."""
        get = self.settings.get
        if self.cue:
            self.cue.threshold_cg = get(settings.CUE_SHOCK)
        self.body.side(get(settings.SIDE))
        offset, scale = settings.ACCEL_OFFSET, settings.ACCEL_SCALE
        self.body.calibration(
            (get(offset), get(offset + 1), get(offset + 2)), (get(scale), get(scale + 1), get(scale + 2))
        )

    def identify(self, seconds):
        """Blink for so long."""
        self.identify_s = seconds

    def leave(self, mode):
        """Restart, go to safe mode, or sleep, once the answer is out."""
        self.leaving = mode

    def hardware(self):
        """Board and sensor, or why there is none, in words."""
        part = self.sensor.part
        return self.board_name + ", " + (self.refusal or (part.name if part else "no sensor"))

    def _tune(self):
        """Set sensor and detector to the rate of the settings; whether the sensor took it."""
        rate_hz = self.settings.get(settings.RATE_HZ)
        if rate_hz != self._detector_hz:
            self.sampler.detector = Detector(rate_hz)
            self._detector_hz = rate_hz
            self.session.forget_landings()
        return self.sensor.configure(rate_hz)

    def _describe_sensor(self):
        sensor, chosen = self.sensor, self.sensor.filter
        self.body.sensor(
            sensor.part.name.encode(),
            sensor.who,
            sensor.rate_hz,
            (16, 2000),
            (chosen.accel_hz, chosen.gyro_hz),
            (chosen.accel_delay_us, chosen.gyro_delay_us),
            sensor.fifo_bytes,
        )
        self.wants_identity = True
