"""What the board runs for a test at the cable: the pod's own parts, put together without radio and store."""

PROGRAM = '''\
import gc
gc.collect()
import binascii, time, machine, board, safe
from pod import VERSION, assembly
from pod.gait.detector import Detector
from pod.life.battery import Battery
from pod.life.files import SmallFile
from pod.life.settings import ACCEL_OFFSET, ACCEL_SCALE, RATE_HZ, SIDE, Settings
from pod.flash.kept import ENDED
from pod.sensing.bus import Bus
from pod.sensing.sampler import Sampler
from pod.sensing.selftest import SelfTest, gyro_bias
from pod.sensing.sensor import Refused, Sensor
from pod.session import Session
from pod.wire.packet import COUNTER, HEADER, MAX_PACKET, SEQUENCE
from pod.wire.packing import pack
from pod.wire.records import StartBody, UNKNOWN
from pod.wire.ring import PacketRing

class Bench:
    def __init__(self):
        self.record = safe.Record(machine.RTC().memory, "record.bin")
        self.settings = Settings(SmallFile("settings"))
        self.sensor = Sensor(Bus(board.SCL, board.SDA, board.I2C_HZ, board.SENSOR_ADDRESS), time.sleep_ms)
        self.body = StartBody()
        self.refusal = ""
        self.packed = bytearray(MAX_PACKET)

    def recording(self):
        """Whether the pod was recording a run, of which flash has the beginning, until it was interrupted."""
        store = assembly.run_store()
        last = store.next_run() - 1 if store else 0
        if last < 1 or store.run_from(last) != last or store.summary(last)[0] & ENDED:
            return False
        packet = bytearray(MAX_PACKET)
        store.read(last, 0, memoryview(packet))
        return packet[HEADER + 6] | packet[HEADER + 7] << 8 == self.record.boots

    def find(self):
        """Find the sensor and set it up as the pod does; put what the pod says of itself into `body`."""
        get = self.settings.get
        name, serial = board.NAME.encode(), machine.unique_id()
        self.body.pod(name, serial, VERSION, self.record.boots, self.record.cause(machine.reset_cause()))
        self.body.side(get(SIDE))
        offset = [get(ACCEL_OFFSET + axis) for axis in range(3)]
        self.body.calibration(offset, [get(ACCEL_SCALE + axis) for axis in range(3)])
        sensor = self.sensor
        try:
            sensor.identify()
            if not sensor.configure(get(RATE_HZ)):
                raise Refused("the sensor does not take its settings")
        except Refused as refused:
            self.refusal = str(refused)
            return
        part, chosen = sensor.part, sensor.filter
        bands, delays = (chosen.accel_hz, chosen.gyro_hz), (chosen.accel_delay_us, chosen.gyro_delay_us)
        self.body.sensor(
            part.name.encode(), sensor.who, sensor.rate_hz, (16, 2000), bands, delays, sensor.fifo_bytes)
        self.ring = PacketRing()
        self.sampler = Sampler(sensor, self.ring, Detector(sensor.rate_hz), time.ticks_us)
        self.session = Session(self.ring, self.sampler, self.body, time.ticks_us)

    def identity(self):
        print(binascii.hexlify(self.body.bytes).decode())
        print(board.NAME + ", " + (self.refusal or self.sensor.part.name))
        print("refused" if self.refusal else "found")

    def self_test(self):
        test = SelfTest()
        test.run(self.sensor)
        bias = gyro_bias(self.sensor) or (UNKNOWN, UNKNOWN, UNKNOWN)
        self.body.self_test(test.passed, bias)
        print(test.passed, *test.change_percent, *bias)

    def battery_mv(self):
        if board.BATTERY is None:
            return 0
        pin = machine.ADC(machine.Pin(board.BATTERY), atten=machine.ADC.ATTN_11DB)
        battery = Battery(pin.read_uv, board.BATTERY_RATIO)
        for second in range(5):
            battery.step(second * 1000)
        return battery.mv

    def stream(self, seconds):
        gc.collect()
        self.sensor.configure(self.sensor.rate_hz)
        if not self.session.start(1, 0, self.sensor.temperature_cc(), self.battery_mv(), bytes(8), 0):
            raise OSError("the sensor does not answer")
        begun_ms = time.ticks_ms() & COUNTER
        try:
            while ((time.ticks_ms() - begun_ms) & COUNTER) < seconds * 1000:
                while self.sampler.poll():
                    pass
                self.send()
                time.sleep_ms(3)
        finally:
            self.session.stop(0)
        self.send()
        print("made", self.ring.next)

    def send(self):
        ring = self.ring
        while ring.to_send != ring.next:
            packet = ring.get(ring.to_send)
            length = pack(packet, self.packed)
            whole = memoryview(self.packed)[:length] if length else packet
            print(binascii.b2a_base64(whole).decode(), end="")
            ring.acknowledge(ring.to_send)
            ring.to_send = (ring.to_send + 1) & SEQUENCE

bench = Bench()
'''
"""Defines `bench` on the board. Packets go out packed and in base64: at 500 Hz and at rest 3.4 kB/s, of the 11 that a
bridge at 115200 baud carries, and 9 at worst."""
