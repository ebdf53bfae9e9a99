"""What the runner has: a button, a light, and a cue."""

from micropython import const

from pod.life import button, led
from pod.wire import records

_NO_LABEL = const(0)


class Panel:
    """`step` is a part of the main loop's turn."""

    def __init__(self, pod, duties, pressed, light):
        self._pod = pod
        self._duties = duties
        self._button = pressed
        self._led = light

    def step(self):
        """Hear the button, show the state, end a cue in time."""
        pod, now_ms = self._pod, self._duties.now_ms
        meant = self._button.poll(now_ms)
        if meant == button.SHORT:
            self._short()
        elif meant == button.PAIR:
            pod.pairing.open(now_ms)
        elif meant == button.FORGET:
            pod.radio.forget_all()
        if meant:
            self._duties.moved = True
        self._led.show(self._pattern(), now_ms)
        self._led.step(now_ms)
        if pod.cue:
            pod.cue.step(now_ms)

    def _short(self):
        """Start or stop a run; with a host on the line that is recording, set a mark."""
        pod = self._pod
        if not pod.session.recording:
            pod.start(records.BUTTON)
        elif pod.sender.flowing:
            pod.session.mark(records.FROM_BUTTON, _NO_LABEL)
        else:
            pod.stop(records.END_BUTTON)

    def _pattern(self):
        pod = self._pod
        full = pod.keeper is not None and pod.keeper.full
        return led.pattern_of(
            pod.state, self._button.stage, pod.identify_s > 0, pod.pairing.is_open, pod.radio.linked(), full
        )
