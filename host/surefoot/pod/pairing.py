"""The bond between this computer and a pod: seen by reading what only a bonded computer may read."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bleak import BleakClient
from bleak.backends.device import BLEDevice

from surefoot.errors import LinkLost, PairingNeeded, PodError, SentAway
from surefoot.pod.gatt import IDENTITY
from surefoot.pod.trouble import BLUETOOTH_ERRORS, described, is_not_paired, is_silence
from surefoot.wire.records import Start

PRESS = "press the pod's button for 3 seconds, until its light blinks quickly, and pair within a minute"

READ_S = 10.0
"""BlueZ lets a read wait for as long as it tries to pair in vain, which is for ever (bluez #21)."""


def has_no_bond(device: BLEDevice) -> bool:
    """Whether the system says so before anything is read: BlueZ, of which bleak passes on what it says of a device."""
    told = device.details.get("props") if isinstance(device.details, dict) else None
    return isinstance(told, dict) and told.get("Paired") is False


async def read_identity(client: BleakClient, name: str, pair: bool) -> Start:
    """Read who the pod is; with `pair`, make a bond first if there is none.

    A bond that only one side remembers looks like none. With `pair` what this computer remembers is then removed,
    where its system lets a program do that.

    Raises
    ------
    PairingNeeded
        There is no valid bond; the message says what to do about it. `SentAway` if that is only likely.
    """
    identity = await _read(client, name, pair)
    if identity is None and pair:
        await _make_bond(client, name)
        identity = await _read(client, name, pair)
        if identity is None:
            await _forget(client, name)
            raise PairingNeeded(name, "an old bond did not fit any more and was removed", PRESS)
    if identity is None:
        raise not_paired(name)
    return identity


def not_paired(name: str) -> PairingNeeded:
    """Return the error for a pod that this computer has no bond with."""
    return PairingNeeded(name, "it is not paired with this computer", PRESS)


async def _read(client: BleakClient, name: str, pair: bool) -> Start | None:
    """Read who the pod is; None if that needs a bond."""
    try:
        async with asyncio.timeout(READ_S):
            return Start.from_bytes(bytes(await client.read_gatt_char(IDENTITY)))
    except BLUETOOTH_ERRORS as error:
        waits_for_a_bond = isinstance(error, TimeoutError) and client.is_connected
        if is_not_paired(error) or waits_for_a_bond:
            return None
        if client.is_connected:
            raise
        # the system paired by itself, and the pod did not want that; or the link was lost just then
        if pair:
            with suppress(PairingNeeded):
                await _forget(client, name)
        raise SentAway(name, "it ended the link, as it does with computers that it does not know", PRESS) from error


async def no_link(error: BaseException, device: BLEDevice, name: str, pair: bool) -> PodError:
    """Return the error for a first link that did not come about, which may be the fault of a bond.

    Where the pod has forgotten its bond, systems say little: BlueZ that the connection was canceled. So with `pair`,
    for which the pod's button was pressed, this computer forgets its bond too; the next try makes a new one.
    """
    surely, why = is_not_paired(error), f"no link came about ({described(error)})"
    if pair and not is_silence(error):
        try:
            await _forget(BleakClient(device), name)
        except PairingNeeded as cannot:
            return cannot if surely else LinkLost(name, why, cannot.next_step)
        return LinkLost(name, why, "try again")
    if surely:
        return PairingNeeded(name, "the pod and this computer do not share a bond any more", PRESS)
    return LinkLost(name, why, f"bring it nearer and try again; if it has forgotten this computer, {PRESS}")


async def _make_bond(client: BleakClient, name: str) -> None:
    try:
        await client.pair()
    except NotImplementedError:
        return  # macOS pairs by itself when a protected characteristic is read
    except BLUETOOTH_ERRORS as error:
        raise PairingNeeded(name, f"pairing failed ({described(error)})", PRESS) from error


async def _forget(client: BleakClient, name: str) -> None:
    try:
        await client.unpair()
    except NotImplementedError as error:
        raise PairingNeeded(
            name,
            "this computer and the pod do not share a bond",
            f"forget the pod in the Bluetooth settings, then {PRESS}",
        ) from error
    except BLUETOOTH_ERRORS as error:
        raise PairingNeeded(
            name,
            f"an old bond does not fit any more and could not be removed ({described(error)})",
            f"forget the pod in the Bluetooth settings, then {PRESS}",
        ) from error
