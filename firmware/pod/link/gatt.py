"""What the pod offers over the air: services, who may use them, and the advertisement (docs/link.md)."""

import bluetooth
from micropython import const

_READ = const(0x0002)
_WRITE = const(0x0008)
_NOTIFY = const(0x0010)
_READ_ENCRYPTED = const(0x0200)
_WRITE_ENCRYPTED = const(0x1000)

_BONDED_READ = const(_READ | _READ_ENCRYPTED)
_BONDED_WRITE = const(_WRITE | _WRITE_ENCRYPTED)

MTU = const(247)
CONTROL_BYTES = const(244)

# The stack holds only a link to its encryption; that it is bonded too, `radio` sees to. Subscribing is open to
# anyone in this stack, so nothing but Running Speed and Cadence is ever notified to a central that is not trusted.
_SERVICES = (
    (
        "5f6f0001-7375-7265-666f-6f7420706f64",
        (
            ("data", "5f6f0002-7375-7265-666f-6f7420706f64", _NOTIFY),
            ("control", "5f6f0003-7375-7265-666f-6f7420706f64", _BONDED_WRITE | _NOTIFY),
            ("status", "5f6f0004-7375-7265-666f-6f7420706f64", _BONDED_READ | _NOTIFY),
            ("identity", "5f6f0005-7375-7265-666f-6f7420706f64", _BONDED_READ),
        ),
    ),
    (
        0x180A,
        (
            ("manufacturer", 0x2A29, _BONDED_READ),
            ("model", 0x2A24, _BONDED_READ),
            ("firmware", 0x2A26, _BONDED_READ),
            ("hardware", 0x2A27, _BONDED_READ),
            ("serial", 0x2A25, _BONDED_READ),
        ),
    ),
    (0x180F, (("battery", 0x2A19, _BONDED_READ | _NOTIFY),)),
    (0x1814, (("rsc", 0x2A53, _NOTIFY), ("rsc_feature", 0x2A54, _READ))),
)


class Handles:
    """Number of each characteristic's value, under its name."""

    def __init__(self, ble):
        """Register the services with the stack, which must be active and not advertise."""
        services = []
        for uuid, characteristics in _SERVICES:
            services.append((bluetooth.UUID(uuid), [(bluetooth.UUID(u), flags) for _, u, flags in characteristics]))
        numbers = ble.gatts_register_services(services)
        for service, group in zip(_SERVICES, numbers):
            for (name, _, _), number in zip(service[1], group):
                setattr(self, name, number)
        ble.gatts_set_buffer(self.control, CONTROL_BYTES, True)  # type: ignore[attr-defined]


def name(serial):
    """The name under which the pod with this serial number is found."""
    return f"Surefoot {serial[-2]:02X}{serial[-1]:02X}"


def advertisement():
    """Flags and services: 25 of 31 bytes."""
    own = bytes(bluetooth.UUID(_SERVICES[0][0]))
    return b"\x02\x01\x06" + bytes((len(own) + 1, 0x07)) + own + b"\x03\x03\x14\x18"


def scan_response(name):
    """The name: 15 of 31 bytes."""
    return bytes((len(name) + 1, 0x09)) + name.encode()
