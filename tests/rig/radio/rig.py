"""The whole rig: pods on the air, a laptop, and strangers.

async def test() -> None:
    async with Rig(tmp_path) as rig:
        pod = await rig.pod()
        await pod.open_pairing()
        ...  # BleakScanner, BleakClient

run_virtual(test())
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from bumble.device import Device

from tests.rig.radio.air import Air
from tests.rig.radio.bleak_backend import MTU, installed
from tests.rig.radio.device import central
from tests.rig.radio.pod import Pod


class Rig:
    """An async context. Within it plain bleak uses the radio of `laptop`. What the boards leave is in `folder`.

    `mtu` is what the laptop asks for; at 23 it does not ask.
    """

    laptop: Device

    def __init__(self, folder: Path, mtu: int = MTU) -> None:
        self._folder = folder
        self._mtu = mtu
        self.air = Air()
        self.pods: list[Pod] = []
        self._stack = ExitStack()

    async def __aenter__(self) -> Rig:
        self.laptop = await central(self.air)
        self._stack.enter_context(installed(self.laptop, self._mtu))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        for pod in self.pods:
            pod.power_cut()
        if error is None:
            for pod in self.pods:
                pod.check()

    async def pod(
        self,
        source: str = "Counter()",
        *,
        flash_blocks: int = 64,
        start: bool = True,
        **sensor: Any,
    ) -> Pod:
        """One more pod, switched on.

        `source` of the sensor is an expression over tests/rig/board/mpu6050.py: `Counter()`, `Recording("/path")`,
        `Still((0, 0, 2048, 0, 0, 0))`; `sensor`: more arguments of its Mpu6050 (`ppm`, `kind`). A block of flash has
        4096 bytes.
        """
        number = len(self.pods) + 1
        folder = self._folder / f"pod{number}"
        folder.mkdir(exist_ok=True)
        serial = bytes([0x24, 0x0A, 0xC4, 0x12, 0x5F, 0x6E + number])
        pod = Pod(self.air, folder, serial, source=source, flash_blocks=flash_blocks, sensor=sensor)
        self.pods.append(pod)
        if start:
            await pod.start()
        return pod

    async def stranger(self, number: int = 1) -> Device:
        """Another central, to be driven by hand: `device.connect`, `Peer`."""
        return await central(self.air, f"F0:10:20:30:41:{number:02X}", f"stranger {number}")
