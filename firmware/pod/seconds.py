"""What is due once a second: look after battery, sensor and store, end what should end, restart and sleep."""

from micropython import const

from pod.flash.kept import ENDED
from pod.life import settings
from pod.pod import SAFE_MODE, SLEEP, STAY
from pod.sensing.selftest import SelfTest, gyro_bias
from pod.telling import Telling
from pod.wire import records, status
from pod.wire.answer import Answer
from pod.wire.packet import COUNTER

_SECOND_MS = const(1000)
_RETRY_SENSOR_S = const(10)
_FULL_PATIENCE_S = const(30)
_EMPTY_SLEEP_S = const(60)
_RESUME_AFTER = (2, 3, 5, 6)  # reset, watchdog, soft reset, brown-out: nobody switched the pod off
_UNKNOWN = const(0)
_RESUME_BLOCKS = const(32)
"""Made ready before going on: 1.5 s without samples, and then the store knows how long an erase takes."""


class Seconds:
    """`tend` is a part of the main loop's turn. `sleep` is called to sleep, `reset` to restart."""

    def __init__(self, pod, duties, idle, sleep, reset):
        self._pod = pod
        self._duties = duties
        self._idle = idle
        self._sleep = sleep
        self._reset = reset
        self._second_ms = 0
        self._full_s = self._sensor_s = self._empty_s = 0
        self._faults = self._sent_away = self._writes_lost = 0
        self._leaving = False
        self._telling = Telling(pod)
        self._event = Answer()

    def tend(self):
        """Tell of a landing at once, and of all else once a second."""
        duties = self._duties
        passed_ms = (duties.now_ms - self._second_ms) & COUNTER
        due = passed_ms >= _SECOND_MS
        if duties.landed or due:
            duties.landed = False
            self._telling.tell()
        if due:
            # After a long stall, or at the start, seconds are not made up for.
            late = passed_ms >= 2 * _SECOND_MS
            self._second_ms = duties.now_ms if late else (self._second_ms + _SECOND_MS) & COUNTER
            self._every_second()

    def resume(self):
        """After a reset that nobody wanted: go on recording if that ended in the middle of a run on flash."""
        pod = self._pod
        unwanted = pod.cause in _RESUME_AFTER or (pod.cause == _UNKNOWN and pod.record.survived)
        if not pod.store or not unwanted:
            return
        last = pod.store.next_run() - 1
        if last > 0 and last == pod.numbers.last() and not pod.store.summary(last)[0] & ENDED:
            blocks = 0
            while blocks < _RESUME_BLOCKS and pod.store.prepare():
                blocks += 1
            pod.start(records.RESUMED)

    def _every_second(self):
        pod = self._pod
        pod.utc_age_s += 1
        pod.identify_s = max(0, pod.identify_s - 1)
        pod.battery.step(self._duties.now_ms)
        self._duties.weigh()
        pod.session.report()
        self._report_faults()
        self._report_strangers()
        self._look_after_battery()
        self._look_after_sensor()
        self._look_after_store()
        self._test()
        self._rest()
        self._leave()
        if not pod.session.recording:
            pod.settings.store()
            pod.health.store()

    def _report_faults(self):
        pod = self._pod
        if pod.health.faults != self._faults:
            self._faults = pod.health.faults
            pod.session.event(records.EVENT_FAULT, self._faults, pod.record.text)

    def _report_strangers(self):
        """Tell the run of centrals that were sent away, and of writes for which there was no place."""
        pod = self._pod
        sent_away, lost = pod.radio.refusals, pod.radio.listener.inbox.lost
        if sent_away != self._sent_away:
            self._sent_away = sent_away
            pod.session.event(records.EVENT_SENT_AWAY, sent_away)
        if lost != self._writes_lost:
            self._writes_lost = lost
            pod.session.event(records.EVENT_WRITES_LOST, lost)

    def _look_after_battery(self):
        pod = self._pod
        if pod.battery.low and pod.state != status.BATTERY_TOO_LOW:
            if pod.session.recording:
                pod.session.event(records.EVENT_BATTERY_LOW, pod.battery.mv)
                pod.stop(records.END_BATTERY)
            pod.sampler.stop()
            pod.state = status.BATTERY_TOO_LOW
            self._empty_s = 0
        elif pod.state == status.BATTERY_TOO_LOW:
            self._empty_s += 1
            if not pod.battery.low:
                pod.wake_sensor()
            elif self._empty_s == _EMPTY_SLEEP_S:
                self._sleep()

    def _look_after_sensor(self):
        pod = self._pod
        if pod.state != status.SENSOR_FAILED:
            self._sensor_s = 0
            return
        self._sensor_s += 1
        if self._sensor_s % _RETRY_SENSOR_S == 0:
            pod.wake_sensor()

    def _look_after_store(self):
        """A full store and nobody who takes the packets: the run ends, so that what there is has an end."""
        pod = self._pod
        if not pod.keeper or not pod.session.recording or not pod.keeper.full:
            self._full_s = 0
            return
        if self._full_s == 0:
            pod.session.event(records.EVENT_STORE_FULL, pod.store.in_use())
        self._full_s = 1 if pod.radio.linked() else self._full_s + 1
        if self._full_s > _FULL_PATIENCE_S:
            pod.stop(records.END_STORE_FULL)

    def _test(self):
        pod = self._pod
        host, pod.tests_for = pod.tests_for, None
        if host is None or pod.session.recording:
            return
        pod.sampler.stop()
        test = SelfTest()
        test.run(pod.sensor)
        bias = gyro_bias(pod.sensor) or (records.UNKNOWN, records.UNKNOWN, records.UNKNOWN)
        pod.body.self_test(test.passed, bias)
        pod.measure()
        self._event.self_tested(test.passed, test.change_percent, bias)
        pod.sender.answers.put(host, self._event.bytes, self._event.length)

    def _rest(self):
        """Sleep, and before that end a run, when nothing has moved and nobody was there for long."""
        pod, duties = self._pod, self._duties
        self._idle.step(duties.moved or pod.radio.linked() or pod.pairing.is_open, duties.now_ms)
        duties.moved = False
        if self._idle.over(pod.settings.get(settings.SLEEP_AFTER_MIN), duties.now_ms):
            if pod.session.recording:
                pod.stop(records.END_NO_MOTION)
            self._sleep()

    def _leave(self):
        """More than a second after it was asked for, so that the answer is out."""
        pod = self._pod
        mode = pod.leaving
        if mode == STAY or not self._leaving:
            self._leaving = mode != STAY
            return
        self._leaving = False
        if pod.session.recording:
            pod.stop(records.END_RESTART)
        pod.leaving = STAY
        if mode == SLEEP:
            self._sleep()
        else:
            self._reset(mode == SAFE_MODE)
