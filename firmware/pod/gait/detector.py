"""Foot contacts while they happen: cadence, contact time and shock. Integers only; allocates nothing."""

from array import array

from pod.gait.axes import Axes
from pod.gait.cadence import Cadence
from pod.gait.contact import Contact
from pod.gait.raw import ALL, HIGH, LIMITS
from pod.gait.running import LIKELY, NO, SURE, judge, steps
from pod.gait.shock import Shock
from pod.gait.smooth import MASK
from pod.gait.swing import BEGINS, CONTACT_IS_PAST, TURNS_BACK, Swings
from pod.gait.toe_off import ToeOff
from pod.wire.packet import COUNTER, MAX_SAMPLES, SAMPLE


class Detector:
    """Fed with raw samples; `take` returns how many landings it found.

    Fields: `landings` since the reset; of the last landing `shock_cg` (0.01 g, 1 g of standing taken off), `clipped`,
    `contact_index`; of the last whole stance `contact_ms` and `toe_off_index`; `cadence_spm` of both feet and
    `running`; `packet_clipped`: a value of the last packet was at the end of the range. Indices count samples since
    the reset, skipped ones included, modulo 2^30. Walking gives no landings.
    """

    def __init__(self, rate_hz):
        # Everything but the decoding works on means of so many samples, 200 to 250 a second.
        self._every = 4 if rate_hz > 500 else 2 if rate_hz > 250 else 1
        self._shift = self._every >> 1
        hz = rate_hz / self._every
        self._raw = bytearray(MAX_SAMPLES * SAMPLE)
        self._rate = array("h", bytes(2 * (MASK + 1)))
        self._axial = array("h", bytes(2 * (MASK + 1)))
        self._at_limit = bytearray(MASK + 1)
        self._axes = Axes()
        self._swings = Swings(hz)
        self._cadence = Cadence()
        self._contact = Contact(self._rate, self._axial, hz)
        self._shock = Shock(self._axial, rate_hz, self._every)
        self._toe_off = ToeOff(self._rate, self._axial, hz)
        # Every other mean teaches the axes.
        self._first_lesson, self._lesson, self._short_lesson = round(0.4 * hz), round(0.55 * hz), round(0.15 * hz)
        self.retime(rate_hz * 1000)
        self.reset()

    def retime(self, rate_mhz):
        """Count time by the true rate, in 1/1000 Hz."""
        self._mhz = rate_mhz // self._every
        # 120 steps a minute at a stride a second.
        self._steps = rate_mhz // 25 * 192 // self._every

    def reset(self):
        """Forget everything: a new run."""
        self.landings = self.contact_ms = self.shock_cg = self.contact_index = self.toe_off_index = self._index = 0
        self.clipped = self.packet_clipped = False
        self._axes.forget()
        self.skip(0)

    def skip(self, samples):
        """So many samples are missing: no stride bridges the gap; the axes stay."""
        self._index = (self._index + samples) & COUNTER
        self._x = self._y = self._z = self._gx = self._gy = self._gz = 0
        self._left = self._every
        self._now = 0
        for k in range(MASK + 1):
            self._rate[k] = self._axial[k] = self._at_limit[k] = 0
        self._axes.skip()
        self._swings.lose()
        self._stand()

    def _stand(self):
        self.running = self._may_run = self._landed = False
        self.cadence_spm = self._at = self._part = 0
        self._cadence.forget()

    def take(self, body, count):
        """Process `count` samples at the start of `body`, 228 bytes; returns the landings found in them."""
        before = self.landings
        raw, high = self._raw, HIGH
        every, shift, left = self._every, self._shift, self._left
        raw[ALL] = body
        end = count * SAMPLE
        self._find_clipped(end)
        x, y, z = self._x, self._y, self._z
        at = 0
        while at < end:
            x += high[raw[at]] + raw[at + 1]
            y += high[raw[at + 2]] + raw[at + 3]
            z += high[raw[at + 4]] + raw[at + 5]
            left -= 1
            if left == shift:
                self._gx = high[raw[at + 6]] + raw[at + 7]
                self._gy = high[raw[at + 8]] + raw[at + 9]
                self._gz = high[raw[at + 10]] + raw[at + 11]
            if not left:
                self._index = (self._index + every) & COUNTER
                self._step(x >> shift, y >> shift, z >> shift, self._gx, self._gy, self._gz)
                x = y = z = 0
                left = every
            at += SAMPLE
        self._x, self._y, self._z = x, y, z
        self._left = left
        return self.landings - before

    def _find_clipped(self, end):
        self.packet_clipped = False
        for limit in LIMITS:
            at = self._raw.find(limit, 0, end)
            while at >= 0:
                if not at & 1:
                    self.packet_clipped = True
                    later = (self._every - self._left + at // SAMPLE) // self._every
                    self._at_limit[(self._now + 1 + later) & MASK] = 1
                at = self._raw.find(limit, at + 1, end)

    def _step(self, x, y, z, gx, gy, gz):
        """One mean of the force, and the rate in its middle."""
        now = self._now = self._now + 1
        axes = self._axes
        right, up = axes.right, axes.up
        rate = (gx * right[0] + gy * right[1] + gz * right[2]) >> 15
        self._rate[now & MASK] = rate
        self._axial[now & MASK] = (x * up[0] + y * up[1] + z * up[2]) >> 15
        self._at_limit[(now + 64) & MASK] = 0
        if now & 1:
            axes.see(x, y, z, gx, gy, gz)
        if not axes.hinge:
            if axes.seen >= self._first_lesson:
                axes.learn(False)
        elif axes.seen >= self._lesson:
            axes.learn(False)
            self._swings.lose()
            self._stand()
        else:
            event = self._swings.follow(now, rate)
            if event == BEGINS:
                self._read_toe_off()
            elif event == TURNS_BACK:
                self._judge_stride()
            elif event == CONTACT_IS_PAST and self.running:
                self._land()

    def _judge_stride(self):
        """Tell at the end of a swing whether the stride was one of running, and let it teach the axes."""
        axes, swings = self._axes, self._swings
        interval_ms = swings.interval * 1000000 // self._mhz
        gait = judge(axes.shaking(), swings.peak_dps, interval_ms, axes.hinge, self.running)
        if gait != NO and not steps(self._rate, self._now, swings.interval):
            gait = NO
        if axes.seen >= self._short_lesson:
            axes.learn(gait != NO)
        else:
            axes.skip()
        if gait == SURE or (gait == LIKELY and self._may_run):
            if not self.running:
                self._cadence.add(swings.interval * 64)
            self.running = self._may_run = True
        else:
            self._stand()
            self._may_run = gait == LIKELY

    def _land(self):
        """Read contact and shock, now that enough has followed."""
        turned = self._swings.turned
        turn = self._contact.turn(turned)
        place = self._contact.find(turned, turn, self._now) if turn is not None else None
        if place is None:
            self._landed = False
            return
        at, part = turned + (place >> 6), place & 63
        if self._landed:
            self._cadence.add((at - self._at) * 64 + part - self._part)
        self._landed, self._at, self._part = True, at, part
        self.contact_index = self._index_of(at, part)
        self.cadence_spm = self._cadence.spm(self._steps)
        self.shock_cg = self._shock.find(at, self._now)
        self.clipped = False
        for k in range(at - 2, at + self._shock.window + 1):
            if self._at_limit[k & MASK]:
                self.clipped = True
        self.landings += 1

    def _read_toe_off(self):
        """Read the stance that is over now that the next swing begins."""
        if self._landed:
            left = self._toe_off.find(self._at, self._now)
            if left is not None:
                self.contact_ms = (left - self._part) * 15625 // self._mhz
                self.toe_off_index = self._index_of(self._at, left)

    def _index_of(self, at, part):
        """Index of the sample `part` / 64 of a mean after the middle of the mean `at`."""
        ago = ((self._now - at) * 64 - part) * self._every + (self._every - 1) * 32
        return (self._index - 1 - ((ago + 32) >> 6)) & COUNTER
