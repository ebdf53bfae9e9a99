"""What the pod does when a host asks for it: the methods that `Control` calls (docs/link.md, "Control")."""

from micropython import const

from pod import VERSION
from pod.wire import answer, records
from pod.wire.control import LATER

_HAS_STORE = const(1)
_HAS_CUE = const(2)
_HAS_BATTERY = const(4)
_LIST = const(0x09)
_ROOM = const(2)


class Requests:
    """Each method returns an error code of `answer`, or LATER."""

    def __init__(self, pod):
        self._pod = pod
        self._row = answer.Answer()
        self._lists_to = None
        self._next_run = self._listed = 0

    def hello(self, version, reply):
        pod = self._pod
        reply.u8(version)
        for number in VERSION:
            reply.u8(number)
        reply.u16(pod.record.boots)
        reply.u8(pod.cause)
        reply.u8(
            (_HAS_STORE if pod.store else 0) | (_HAS_CUE if pod.cue else 0) | (_HAS_BATTERY if pod.battery.mv else 0)
        )
        return answer.DONE

    def start(self, reply):
        pod = self._pod
        refusal = answer.DONE if pod.session.recording else pod.start(records.HOST)
        if not refusal:
            pod.sender.start()
            reply.u32(pod.session.run)
        return refusal

    def stop(self, reply):
        pod = self._pod
        if not pod.session.recording:
            return answer.WRONG_STATE
        pod.stop(records.END_HOST)
        reply.u32(pod.session.run)
        reply.u24(pod.ring.next)
        return answer.DONE

    def mark(self, label, reply):
        pod = self._pod
        if not pod.session.recording:
            return answer.WRONG_STATE
        reply.u24(pod.session.mark(records.FROM_HOST, label))
        reply.u32(pod.sampler.index)
        return answer.DONE

    def time(self, utc, reply):
        pod = self._pod
        reply.u32(pod.set_time(utc))
        reply.u32(pod.sampler.index if pod.session.recording else 0)
        return answer.DONE

    def set(self, setting, value, reply):
        pod = self._pod
        refusal = pod.settings.set(setting, value, pod.session.recording)
        if not refusal:
            pod.apply(setting)
            pod.session.event(records.EVENT_SETTING, setting << 16 | value & 0xFFFF)
            reply.i32(pod.settings.get(setting))
        return refusal

    def get(self, setting, reply):
        settings = self._pod.settings
        reply.i32(settings.get(setting))
        reply.i32(settings.lowest(setting))
        reply.i32(settings.highest(setting))
        return answer.DONE

    def ack(self, run, sequence, _reply):
        pod = self._pod
        if run == pod.session.run:
            before = pod.ring.acked
            if not pod.ring.acknowledge(sequence):
                return answer.OUT_OF_RANGE
            if pod.store and pod.ring.acked != before:
                pod.store.release(run, pod.ring.acked - 1)
            return answer.DONE
        if pod.session.recording:
            return answer.WRONG_STATE  # as for a list
        if not self._kept(run):
            return answer.NO_SUCH_RUN
        if sequence >= pod.store.summary(run)[1]:
            return answer.OUT_OF_RANGE
        pod.store.release(run, sequence)
        return answer.DONE

    def list(self, first_run, reply):
        if not self._pod.store:
            return answer.NO_STORE
        if self._pod.session.recording:
            return answer.WRONG_STATE  # looking through all blocks takes longer than the sensor's FIFO lasts
        self._next_run = first_run
        self._listed = 0
        self._row.begin(_LIST, reply.tag)
        self._lists_to = self._pod.radio.writer
        return LATER

    def fetch(self, run, first, last, reply):
        pod = self._pod
        if run == pod.session.run:
            packets = pod.ring.next
        elif self._kept(run):
            packets = pod.store.summary(run)[1]
        else:
            return answer.NO_SUCH_RUN
        last = min(last, packets - 1)
        if first > last:
            return answer.NOT_KEPT
        refusal = pod.sender.fetch(run, first, last)
        if not refusal:
            reply.u24(first)
            reply.u24(last)
        return refusal

    def cancel(self, _reply):
        self._pod.sender.cancel()
        return answer.DONE

    def erase(self, run, force, _reply):
        pod = self._pod
        if not pod.store:
            return answer.NO_STORE
        if pod.session.recording:
            return answer.WRONG_STATE  # a block takes a ms, and a run has many
        if not self._kept(run):
            return answer.NO_SUCH_RUN
        if not force:
            return answer.NOT_ACKNOWLEDGED  # what the host has acknowledged is not kept any more
        if pod.closing and run == pod.session.run:
            pod.abandon()
        return answer.DONE if pod.store.erase(run) else answer.WRONG_STATE

    def identify(self, seconds, _reply):
        self._pod.identify(seconds)
        return answer.DONE

    def self_test(self, _reply):
        pod = self._pod
        if pod.session.recording:
            return answer.WRONG_STATE
        refusal = pod.refusal_to_measure()
        if refusal:
            return refusal
        pod.tests_for = pod.radio.writer
        return answer.DONE

    def restart(self, mode, _reply):
        self._pod.leave(mode)
        return answer.DONE

    def failed(self, error):
        self._pod.health.note(error)  # the run is told within a second

    def step(self):
        """Go on with a list that was asked for: one run at a time, as the link has room."""
        pod = self._pod
        to = self._lists_to
        if to is None or pod.sender.answers.room() < _ROOM:
            return
        row = self._row
        row.begin(_LIST, row.tag)
        run = -1 if pod.session.recording else pod.store.run_from(self._next_run)
        if pod.session.recording:
            row.refuse(answer.WRONG_STATE)  # a run began while the list was under way
            self._lists_to = None
        elif run < 0:
            row.u16(self._listed)
            self._lists_to = None
        else:
            state, packets, rate_hz, blocks = pod.store.summary(run)
            row.u32(run)
            row.u8(state)
            row.u24(packets)
            row.u16(rate_hz)
            row.u32(blocks)
            self._listed += 1
            self._next_run = run + 1
        pod.sender.answers.put(to, row.bytes, row.length)

    def _kept(self, run):
        store = self._pod.store
        return store is not None and store.run_from(run) == run
