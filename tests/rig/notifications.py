"""When a pod's notifications came: from the air to the laptop's radio, and from the rig's BlueZ to who listens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bumble.core import PhysicalTransport
from bumble.hci import Address

from tests.rig.radio.bluez.attributes import RemoteCharacteristic
from tests.rig.radio.rig import Rig

Times = dict[str, dict[bytes, float]]
"""For each pod's address, each value and when it came for the first time."""

_ATTRIBUTES, _NOTIFICATION = 4, 0x1B
"""Channel of L2CAP, and code of ATT."""
_VALUE_AT = 7
"""Behind the length, the channel, the code and the handle."""
_HEADER, _VERSION = 16, 1


def heard(rig: Rig, clock: Callable[[], float]) -> Times:
    """What the air gives to the laptop from now on, whether or not anybody listens."""
    times: Times = defaultdict(dict)
    controller = rig.laptop.host.controller
    deliver = controller.on_link_acl_data

    def on_link_acl_data(sender: Address, transport: PhysicalTransport, data: bytes) -> None:
        if data[2] == _ATTRIBUTES and data[4] == _NOTIFICATION:
            times[sender.to_string(False)].setdefault(bytes(data[_VALUE_AT:]), clock())
        deliver(sender, transport, data)

    controller.on_link_acl_data = on_link_acl_data
    return times


@contextmanager
def signals(clock: Callable[[], float]) -> Iterator[Times]:
    """What the rig's BlueZ sends to programs that listen; values that are read, too."""
    times: Times = defaultdict(dict)
    show = RemoteCharacteristic.show

    def stamp(self: RemoteCharacteristic, value: bytes) -> None:
        address = self.path.partition("/dev_")[2][:17].replace("_", ":")
        times[address].setdefault(bytes(value), clock())
        show(self, value)

    RemoteCharacteristic.show = stamp  # type: ignore[method-assign]
    try:
        yield times
    finally:
        RemoteCharacteristic.show = show  # type: ignore[method-assign]


def is_packet(value: bytes) -> bool:
    """Whether a notification brought a packet, as docs/link.md has them, at a large MTU."""
    return len(value) >= _HEADER and value[0] >> 4 == _VERSION
