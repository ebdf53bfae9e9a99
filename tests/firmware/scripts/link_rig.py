"""A pod's link on the stand-in: radio, ring and sender, with a clock that the program moves."""

import gc

import air
import bluetooth
from pod.link import gatt
from pod.link.pairing import Pairing
from pod.link.radio import Radio
from pod.link.sender import Sender
from pod.wire.ring import PacketRing

CONTROL = "5f6f0003-7375-7265-666f-6f7420706f64"
DATA = "5f6f0002-7375-7265-666f-6f7420706f64"
STATUS = "5f6f0004-7375-7265-666f-6f7420706f64"
IDENTITY = "5f6f0005-7375-7265-666f-6f7420706f64"


class Memory:
    """A small file."""

    def __init__(self, data=None):
        self.data = data
        self.saves = 0
        self.broken = False

    def load(self):
        return self.data

    def save(self, data):
        self.saves += 1
        if not self.broken:
            self.data = bytes(data)
        return not self.broken


class Rig:
    def __init__(self, saved=None, store=None, slots=16, make_air=air.Air):
        bluetooth.power_cycle()
        gc.collect()
        self.ble = bluetooth.BLE()
        self.air = make_air(self.ble)
        self.memory = saved or Memory()
        self.pairing = Pairing(self.memory)
        self.radio = Radio(self.ble, self.pairing, gatt.name(b"\x24\x6f\x28\x00\xab\xcd"))
        self.ring = PacketRing(slots)
        self.sender = Sender(self.radio, self.ring, store)
        self.now_ms = 0
        self.step()

    def step(self, ms=5):
        """One turn of the main loop, and then the time until the next."""
        self.radio.step(self.now_ms)
        self.sender.step(self.now_ms)
        self.now_ms += ms

    def turns(self, count, ms=5, event_every=3):
        """Turns with connection events between."""
        for i in range(count):
            self.step(ms)
            if i % event_every == 0:
                self.air.event()

    def advertised(self):
        """Let it advertise again, if it wants to."""
        self.step(1000)
        self.step()

    def bonded(self, central=None, mtu=247):
        """A central that is connected and has just bonded."""
        central = central or air.Central(self.air)
        if not central.connect():
            raise AssertionError("not connected")
        self.pairing.open(self.now_ms)
        self.step()
        central.exchange_mtu(mtu)
        central.pair()
        self.pairing.close()
        self.step()
        self.advertised()
        return central
