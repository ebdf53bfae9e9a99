"""Hear which pods are near."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from surefoot.errors import PodNotFound, SeveralPods
from surefoot.pod.gatt import SERVICE, is_pod_name
from surefoot.pod.trouble import BLUETOOTH_ERRORS, bluetooth_trouble

FIND_S = 30.0
"""How long a pod is looked for: time to switch it on and to bring it near."""
OTHERS_S = 2.5
"""How long to listen for more pods once one was heard: a pod advertises five times a second, and a scanner that hops
over three channels and pauses hears each within a second or two."""
_LOOK_S = 0.1
"""How often it is seen who was heard: sooner than anyone notices."""


@dataclass(frozen=True)
class FoundPod:
    """A pod that was heard; `rssi_dbm` is its signal then, `device` what bleak connects to."""

    name: str
    address: str
    rssi_dbm: int | None
    device: BLEDevice

    def is_called(self, wanted: str) -> bool:
        """Whether `wanted` is its name, the four digits of it, or its address."""
        asked = wanted.strip().casefold()
        return asked in (self.name.casefold(), self.name.casefold()[-4:], self.address.casefold())


class _Ear:
    """Puts together what is heard of each address: the service may come in one report, the name in the next."""

    def __init__(self) -> None:
        self._named: dict[str, str] = {}
        self._pods: dict[str, tuple[BLEDevice, int | None]] = {}

    def hear(self, device: BLEDevice, heard: AdvertisementData) -> None:
        name = heard.local_name or device.name
        if is_pod_name(name):
            self._named[device.address] = name or ""
        if SERVICE in heard.service_uuids or is_pod_name(name) or device.address in self._pods:
            self._pods[device.address] = (device, heard.rssi)

    def pods(self) -> list[FoundPod]:
        """Pods whose name is known; without its name a pod cannot be told from others."""
        return [
            FoundPod(self._named[address], address, rssi_dbm, device)
            for address, (device, rssi_dbm) in self._pods.items()
            if address in self._named
        ]


async def find_pods(seconds: float) -> list[FoundPod]:
    """Listen for so long; the pods heard, the nearest first.

    Raises
    ------
    BluetoothUnavailable
        No adapter, switched off, or not allowed.
    """
    async with _listening() as ear:
        await asyncio.sleep(seconds)
    return sorted(ear.pods(), key=lambda pod: -(pod.rssi_dbm or -200))


async def wait_for_pod(wanted: str | None, timeout_s: float = FIND_S) -> FoundPod:
    """Listen until the pod is heard.

    Parameters
    ----------
    wanted : str or None
        Name, last four digits of it, or address; None: the only one there is.
    timeout_s : float
        How long to listen at most.

    Raises
    ------
    PodNotFound, SeveralPods, BluetoothUnavailable
    """
    loop = asyncio.get_running_loop()
    end_s = loop.time() + timeout_s
    alone_s: float | None = None
    pods: list[FoundPod] = []
    async with _listening() as ear:
        while loop.time() < end_s and (alone_s is None or loop.time() < alone_s):
            await asyncio.sleep(_LOOK_S)
            pods = ear.pods()
            called = [pod for pod in pods if wanted is None or pod.is_called(wanted)]
            if called and wanted is not None:
                return called[0]
            if called and alone_s is None:
                alone_s = loop.time() + OTHERS_S
    if wanted is None and pods:
        if len(pods) > 1:
            raise SeveralPods(tuple(sorted(pod.name for pod in pods)))
        return pods[0]
    others = ", ".join(sorted(pod.name for pod in pods))
    heard = f"it was not heard in {timeout_s:.0f} s" + (f", only {others}" if others else "")
    raise PodNotFound(
        wanted or "",
        heard,
        "switch the pod on, bring it near, and see that no phone or watch holds both its connections",
    )


@asynccontextmanager
async def _listening() -> AsyncIterator[_Ear]:
    ear = _Ear()
    try:
        async with BleakScanner(ear.hear):
            yield ear
    except BLUETOOTH_ERRORS as error:
        raise bluetooth_trouble(error) from error
