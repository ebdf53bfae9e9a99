"""A scanner of bleak's on a Bumble device."""

from __future__ import annotations

from typing import Any, Literal

from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.uuids import normalize_uuid_str
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement

from tests.rig.radio.central_radio import CentralRadio

_UUID_LISTS = (
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


def uuid_text(uuid: UUID) -> str:
    """A UUID as bleak writes it."""
    return str(normalize_uuid_str(uuid.to_hex_str("-")))


class BumbleScanner(BaseBleakScanner):
    """`radio` is set by `bleak_backend.installed`."""

    radio: CentralRadio

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: Literal["active", "passive"],
        **_others: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"
        self._heard: dict[str, tuple[str | None, list[str]]] = {}

    async def start(self) -> None:
        self.seen_devices = {}
        await self.radio.listen(self._hear, self._active)

    async def stop(self) -> None:
        await self.radio.leave(self._hear)

    def _hear(self, advertisement: Advertisement) -> None:
        """The scan response comes after the advertisement; what was heard before is remembered, as BlueZ does."""
        address = advertisement.address.to_string(with_type_qualifier=False)
        name, uuids = self._heard.get(address, (None, []))
        name = advertisement.data.get(AdvertisingData.COMPLETE_LOCAL_NAME) or name
        found = [
            uuid_text(uuid) for kind in _UUID_LISTS for group in advertisement.data.get_all(kind) for uuid in group
        ]
        uuids = uuids + [uuid for uuid in found if uuid not in uuids]
        self._heard[address] = name, uuids
        if not self.is_allowed_uuid(uuids):
            return
        data = AdvertisementData(
            local_name=name,
            manufacturer_data={},
            service_data={},
            service_uuids=uuids,
            tx_power=None,
            rssi=advertisement.rssi,
            platform_data=(advertisement,),
        )
        device = self.create_or_update_device(address, address, name, advertisement.address, data)
        self.call_detection_callbacks(device, data)
