"""Makes plain `BleakClient` and `BleakScanner` of this process use a Bumble device: route A of the rig."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bleak
from bumble.device import Device

from tests.rig.radio.bleak_client import BumbleClient
from tests.rig.radio.bleak_scanner import BumbleScanner
from tests.rig.radio.central_radio import CentralRadio

MTU = 517
"""What every host asks for."""


@contextmanager
def installed(central: Device, asked_mtu: int = MTU) -> Iterator[None]:
    """Within it, bleak's radio is `central`; programs that are given no backend do not notice."""
    radio = CentralRadio(central)
    client = type("BumbleClient", (BumbleClient,), {"radio": radio, "asked_mtu": asked_mtu})
    scanner = type("BumbleScanner", (BumbleScanner,), {"radio": radio})
    before = bleak.get_platform_client_backend_type, bleak.get_platform_scanner_backend_type
    bleak.get_platform_client_backend_type = lambda: (client, "bumble")  # type: ignore[assignment]
    bleak.get_platform_scanner_backend_type = lambda: (scanner, "bumble")  # type: ignore[assignment]
    try:
        yield
    finally:
        bleak.get_platform_client_backend_type, bleak.get_platform_scanner_backend_type = before
