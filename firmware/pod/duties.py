"""The turn of the main loop, part by part. Each does a bounded bit of work; sampling comes first."""

import gc

from micropython import const

from pod.life import settings
from pod.requests import Requests
from pod.stillness import Stillness
from pod.wire import records, status
from pod.wire.answer import BUSY, DONE
from pod.wire.control import Control
from pod.wire.packet import COUNTER, MAX_SAMPLES, SAMPLE, SAMPLES, SEQUENCE

_PACKETS_A_TURN = const(4)
_LANDINGS_TO_START = const(6)
_READY_RESERVE = const(4)
_LITTER_BYTES = const(8_000)
_LOOK_AGAIN_MS = const(500)
_REST_MS = const(10_000)


class Duties:
    """Parts of a turn: `sample`, `keep`, `listen`, `send`. `now_ms` is set by the loop before each turn.

    `landed` and `moved` say what samples showed since somebody last set them to False.
    """

    def __init__(self, pod):
        self._pod = pod
        self._stillness = Stillness()
        self._requests = Requests(pod)
        self._control = Control(self._requests, self._answer)
        self._linked = False
        self._noted = 0
        self.now_ms = 0
        self.landed = self.moved = False
        self._littered = self._armed = True
        self._running_landings = self._landed_ms = 0
        self._idle_ms = -_LOOK_AGAIN_MS
        self._clean = 0

    def sample(self):
        """Empty the sensor's FIFO into packets; nothing allocates."""
        pod = self._pod
        emptied = False
        for _ in range(_PACKETS_A_TURN):
            before = pod.sampler.detector.landings
            if not pod.sampler.poll():
                break
            emptied = True
            ring = pod.sampler.ring
            if self._stillness.moved(ring.get((ring.next - 1) & SEQUENCE)):
                self.moved = True
            if pod.sampler.detector.landings != before:
                self._land()
        if pod.session.recording:
            self._armed = False
        elif ((self.now_ms - self._landed_ms) & COUNTER) >= _REST_MS:
            # Who has stopped a run may go on running: the next one begins by itself only after a rest.
            self._armed = True
            self._running_landings = 0
        if pod.sampler.lost and pod.state in (status.MEASURING, status.RECORDING):
            if pod.session.recording:
                pod.stop(records.END_SENSOR_LOST)
            pod.state = status.SENSOR_FAILED
        if self._littered and (emptied or not pod.sampler.running):
            gc.collect()  # now, while the FIFO has just been emptied
            self._clean = gc.mem_alloc()
            self._littered = False

    def weigh(self):
        """Once a second: how much has gathered since the last collection? Takes a ms or two."""
        self._littered = gc.mem_alloc() - self._clean > _LITTER_BYTES

    def keep(self):
        """Put a packet into flash if it must be kept, or make flash ready for more."""
        pod = self._pod
        if not pod.store:
            return
        if pod.session.recording:
            self._keep_some()
            if pod.store.ready() < _READY_RESERVE and pod.store.may_erase(self._fifo_ms()):
                pod.store.prepare()
        elif not (pod.closing and self._keep_some()):
            pod.store.tidy()
            if not self._prepare() and pod.closing and self._nothing_left():
                pod.finish()

    def _prepare(self):
        """Make a block ready, if there is one to erase; once there is none, look again only twice a second."""
        if ((self.now_ms - self._idle_ms) & COUNTER) < _LOOK_AGAIN_MS:
            return False
        if self._pod.store.prepare():
            self._pod.keeper.full = not self._pod.store.accepts(SAMPLES)
            return True
        self._idle_ms = self.now_ms
        return False

    def _nothing_left(self):
        """Whether no more of the last run can or must go to flash."""
        pod = self._pod
        return pod.keeper.full or not pod.ring.unacked() or not pod.ring.unkept()

    def _keep_some(self):
        """One packet a turn, more after a stall; whether one was kept."""
        pod = self._pod
        keep = pod.settings.get(settings.KEEP)
        kept = pod.keeper.step(pod.sender.flowing, keep)
        for _ in range(_PACKETS_A_TURN - 1):
            if not kept or pod.ring.unkept() < _PACKETS_A_TURN:
                break
            kept = pod.keeper.step(pod.sender.flowing, keep)
        return kept

    def listen(self):
        """Hear what the radio and the host have to say."""
        pod = self._pod
        radio = pod.radio
        radio.step(self.now_ms, not pod.session.recording)
        written = radio.receive()
        if written:
            self._control.receive(written, len(written), DONE if radio.writer is radio.owner else BUSY)
        self._requests.step()
        self._note_link()

    def send(self):
        """Let packets and answers go out."""
        self._pod.sender.step(self.now_ms)

    def _note_link(self):
        """Tell the run when the link goes and when it comes back; as it is when a run begins is no news."""
        session, linked = self._pod.session, self._pod.radio.linked()
        if session.recording and self._noted == session.run and linked != self._linked:
            code = records.EVENT_LINK_BACK if linked else records.EVENT_LINK_LOST
            session.event(code, self._pod.ring.unacked())
        self._noted, self._linked = session.run, linked

    def _land(self):
        pod = self._pod
        self.landed = True
        self._landed_ms = self.now_ms
        detector = pod.sampler.detector
        if pod.cue:
            pod.cue.landed(detector.shock_cg, self.now_ms)
        if not self._armed or self._linked or (pod.keeper and pod.keeper.full):
            return
        self._running_landings += 1
        if pod.settings.get(settings.START_ON_MOTION) and self._running_landings >= _LANDINGS_TO_START:
            pod.start(records.MOTION)

    def _fifo_ms(self):
        """What the FIFO holds when it has just been emptied down to less than a packet."""
        sensor = self._pod.sensor
        return (sensor.fifo_bytes // SAMPLE - MAX_SAMPLES) * 1000 // sensor.rate_hz

    def _answer(self, data, length):
        radio, answers = self._pod.radio, self._pod.sender.answers
        if radio.writer is radio.owner or not answers.waiting:  # a flood of others leaves room for the owner's
            answers.put(radio.writer, data, length)
