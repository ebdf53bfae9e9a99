"""What the pod tells hosts and watches by itself: status, cadence, battery, identity."""

from pod import VERSION
from pod.wire import status


def describe_device(radio, serial):
    """Fill in what stays the same: Device Information, but for the hardware, and what the measurement can tell."""
    handles = radio.handles
    radio.describe(handles.manufacturer, b"Surefoot")
    radio.describe(handles.model, b"shin pod")
    radio.describe(handles.firmware, ".".join([str(number) for number in VERSION]).encode())
    radio.describe(handles.rsc_feature, status.FEATURE)
    radio.describe(handles.serial, "".join(["%02x" % byte for byte in serial]).encode())


class Telling:
    """Writes the characteristics that nobody asks for in a request."""

    def __init__(self, pod):
        self._pod = pod
        self._status = status.Status()
        self._measurement = bytearray(status.MEASUREMENT_BYTES)
        self._level = bytearray(1)

    def tell(self):
        """Tell what is new: once a second, and at each landing."""
        pod, radio = self._pod, self._pod.radio
        self._tell_status()
        radio.tell(radio.handles.status, self._status.bytes)
        detector = pod.sampler.detector
        status.write_measurement(self._measurement, detector.running, detector.cadence_spm)
        radio.publish(radio.handles.rsc, self._measurement)
        if self._level[0] != pod.battery.percent:
            self._level[0] = pod.battery.percent
            radio.tell(radio.handles.battery, self._level)
        if pod.wants_identity:
            pod.wants_identity = False
            radio.describe(radio.handles.identity, pod.body.bytes)
            radio.describe(radio.handles.hardware, pod.hardware().encode())

    def _tell_status(self):
        pod = self._pod
        detector = pod.sampler.detector
        flags = (status.PAIRING_OPEN if pod.pairing.is_open else 0) | (status.CLIPPED if detector.clipped else 0)
        if pod.keeper:
            flags |= status.KEEPING if pod.keeper.keeping and pod.session.recording else 0
            flags |= status.STORE_FULL if pod.keeper.full else 0
        free = pod.store.free_permille() if pod.store else status.NO_STORE
        shock = detector.shock_cg if pod.session.landings else status.NO_SHOCK
        self._status.pod(pod.state, flags, pod.battery.percent, free)
        self._status.landing(detector.cadence_spm, detector.contact_ms, shock, pod.session.landings)
        ring = pod.ring
        self._status.stream(pod.session.run, max(0, ring.next - 1), ring.unacked(), ring.dropped)
