"""Sends answers, then the packets of the run, then what was fetched; a few at a time.

A notification that the stack refuses for want of memory is tried again later. Anything else that it says means that
the link is gone: then nothing more goes out until a central asks again.
"""

from micropython import const

from pod.link.answers import Answers
from pod.link.connection import GONE, NO_MEMORY, SENT
from pod.link.fetch import Fetch
from pod.link.pace import Pace
from pod.link.pieces import WHOLE_MTU, Pieces
from pod.wire.answer import BUSY, Answer
from pod.wire.packet import SEQUENCE

_NOTHING = const(-1)


class Sender:
    """What goes out over the link. `ring_run` is the run in memory, whose packets flow to the owner after `start`.

    Counters since the pod started: `sent` packets, `enomem` refusals for want of memory, `dead` links found gone.
    """

    def __init__(self, radio, ring, store=None):
        self._radio = radio
        self._ring = ring
        self.answers = Answers()
        self.fetching = Fetch(ring, store)
        self._pace = Pace()
        self._pieces = Pieces()
        self._event = Answer()
        self.ring_run = 0
        self.flowing = False
        self.sent = self.enomem = self.dead = 0
        self._live = False  # whether the packet on its way is of the run, not a fetched one
        self._sequence = 0
        self._to = None
        self._visit = 0

    def begin(self, run):
        """A run was opened in the ring. It flows to nobody until `start`."""
        self.ring_run = run
        self.flowing = False
        if self._live:
            self._pieces.drop()

    def start(self):
        """The owner wants the run: what it has not acknowledged so far, as far as memory reaches, and all that comes.

        What the stack had taken when a link broke may not have arrived, so this goes back behind what was sent.
        """
        ring = self._ring
        if ring.acked == ring.next or ring.holds(ring.acked):
            ring.to_send = ring.acked
        else:
            ring.to_send = ring.oldest
        self.flowing = self._serve_owner()

    def fetch(self, run, first, last):
        """The owner wants a range again; 0 or the error *busy*. The caller has seen to it that there is such a run."""
        self._check_owner()
        if self.fetching.active or not self._serve_owner():
            return BUSY
        self.fetching.begin(run, first, last)
        return 0

    def cancel(self):
        """End a fetch without its event."""
        self.fetching.cancel()

    def step(self, now_ms):
        """Send what may go out now, at most eight notifications; returns how many went."""
        self._check_owner()
        owner = self._radio.owner
        whole = owner is None or owner.mtu >= WHOLE_MTU
        left = self._pace.left(now_ms, owner.interval_ms if owner else 0, whole)
        count = 0
        while count < left:
            said = self._send_one()
            if said == SENT:
                self._pace.taken()
                count += 1
                continue
            if said == NO_MEMORY:
                self.enomem += 1
                self._pace.refused()
            elif said == GONE:
                self.dead += 1
            break
        return count

    def _send_one(self):
        while self.answers.waiting and self.answers.to() is None:
            self.answers.done()
        if self.answers.waiting:
            return self._send_answer()
        if not self._pieces.done and self._live and not self._ring.holds(self._sequence):
            # Overwritten before all of it was sent: the link is slower than the samples, and the oldest packets would
            # all go so, one after the other.
            self._pieces.drop()
            self._ring.to_send = (self._ring.next - self._ring.slots // 4) & SEQUENCE
        if self._pieces.done and not self._load():
            return _NOTHING
        said = self._radio.notify(self._to, self._radio.handles.data, self._pieces.next())
        if said == SENT:
            self._pieces.sent()
            if self._pieces.done:
                self._packet_sent()
        return said

    def _send_answer(self):
        said = self._radio.notify(self.answers.to(), self._radio.handles.control, self.answers.next())
        if said != NO_MEMORY:
            self.answers.done()
        return said

    def _load(self):
        """Take up the next packet, if there is one to send."""
        ring = self._ring
        live = self.flowing and ring.unsent() > 0
        if not self.fetching.active or (live and not self._fetch_is_due()):
            return live and self._load_live()
        packet = self.fetching.packet(self.ring_run)
        if packet is not None:
            self._live = False
            self._pieces.load(packet, self._to.mtu)
            return True
        if self.fetching.ended():
            self._announce_end()
        return live and self._load_live()

    def _load_live(self):
        self._live = True
        self._sequence = self._ring.to_send
        self._pieces.load(self._ring.get(self._sequence), self._to.mtu)
        return True

    def _fetch_is_due(self):
        """Of four packets one is a fetched one, so that a busy run does not starve a fetch."""
        return self.fetching.active and self.sent & 3 == 3

    def _packet_sent(self):
        self.sent += 1
        if not self._live:
            self.fetching.sent += 1
        elif self._ring.to_send == self._sequence:
            self._ring.to_send = (self._sequence + 1) & SEQUENCE

    def _announce_end(self):
        done = self.fetching
        self._event.fetched(done.run, done.sent, done.missing)
        if self.answers.put(self._to, self._event.bytes, self._event.length):
            done.cancel()

    def _serve_owner(self):
        """Send to the owner from now on; False if it has just left."""
        owner = self._radio.owner
        if owner is None:
            return False
        self._to = owner
        self._visit = owner.visit
        return True

    def _check_owner(self):
        """Stop if whoever asked is not there, or not trusted, any more."""
        to = self._to
        if to is not None and not (to is self._radio.owner and to.visit == self._visit and to.trusted):
            self._to = None
            self.flowing = False
            self.fetching.cancel()
            self._pieces.drop()
