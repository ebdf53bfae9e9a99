"""Bumble devices: the host's side of a controller in the air. `central` makes a laptop's."""

from __future__ import annotations

import logging

from bumble import hci, smp
from bumble.device import Device, DeviceConfiguration
from bumble.host import Host
from bumble.keys import PairingKeys
from bumble.pairing import PairingConfig, PairingDelegate

from tests.rig.radio.air import Air, AirController

# The pod notifies its status subscribed or not, as NimBLE lets it, and links break at any time: no news here.
for _name in ("bumble.gatt_client", "bumble.host", "bumble.smp"):
    logging.getLogger(_name).setLevel(logging.ERROR)

CENTRAL_ADDRESS = "F0:10:20:30:40:50"


class _Manager(smp.Manager):  # type: ignore[misc]
    """Bumble's keeps keys though the two sides agreed on no bond; real stacks do not."""

    async def on_pairing(self, session: smp.Session, identity_address: hci.Address | None, keys: PairingKeys) -> None:
        if session.bonding:
            await super().on_pairing(session, identity_address, keys)
        else:
            self.device.on_pairing(session.connection, identity_address, keys, session.sc)


def pairing_config(bonding: bool = True, secure_connections: bool = True) -> PairingConfig:
    """Just works: no side has a screen or keys that matter."""
    return PairingConfig(
        sc=secure_connections,
        mitm=False,
        bonding=bonding,
        delegate=PairingDelegate(PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT),
        identity_address_type=PairingConfig.AddressType.RANDOM,
    )


def radio_device(controller: AirController, name: str) -> Device:
    """A device, not switched on yet."""
    host = Host()
    host.controller = controller
    device = Device(config=DeviceConfiguration(name=name, address=controller.random_address), host=host)
    device.smp_manager = _Manager(device, lambda connection: pairing_config())
    return device


async def central(air: Air, address: str = CENTRAL_ADDRESS, name: str = "laptop") -> Device:
    """A laptop's radio, switched on."""
    device = radio_device(AirController(name, air, address), name)
    await device.power_on()
    return device
