"""The air between Bumble's controllers: who hears whose advertisements, and the connections."""

from __future__ import annotations

import asyncio

from bumble import hci, ll
from bumble.controller import Controller
from bumble.core import PhysicalTransport
from bumble.link import LocalLink

from tests.rig.radio.conditions import Conditions
from tests.rig.radio.connection import AirConnection

_NOT_ESTABLISHED_EVENTS = 6
"""After so many intervals without an answer a central gives up a connection that it has just begun."""
_MOST_CONNECTIONS = 3
"""Of a pod's stack, which takes no more."""


class AirController(Controller):
    """A controller of Bluetooth 4.2, as an ESP32's, with data length extension."""

    le_features = Controller.le_features & ~hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
    le_acl_data_packet_length = 251

    def __init__(self, name: str, air: Air, address: str) -> None:
        super().__init__(name, link=air)
        self.random_address = hci.Address(address)

    def on_hci_le_create_connection_cancel_command(self, command: object) -> hci.HCI_StatusReturnParameters:
        """Bumble's own forgets to end the connection that is being made."""
        pending = self.pending_le_connection
        self.pending_le_connection = None
        if pending:
            self.send_hci_packet(
                hci.HCI_LE_Connection_Complete_Event(
                    status=hci.HCI_UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                    connection_handle=0,
                    role=hci.Role.CENTRAL,
                    peer_address_type=pending.peer_address_type,
                    peer_address=pending.peer_address,
                    connection_interval=0,
                    peripheral_latency=0,
                    supervision_timeout=0,
                    central_clock_accuracy=0,
                )
            )
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)


class Advertiser:
    """A pod's advertising: `start` and `stop`, as the firmware asks for it."""

    def __init__(self, air: Air, controller: AirController, conditions: Conditions) -> None:
        self._air = air
        self._controller = controller
        self._conditions = conditions
        self._timer: asyncio.TimerHandle | None = None

    def start(self, interval_s: float, data: bytes, scan_response: bytes) -> None:
        """Advertise from now on."""
        self.stop()
        self._interval_s, self._data, self._scan_response = interval_s, data, scan_response
        self._timer = asyncio.get_running_loop().call_later(0, self._advertise)

    def stop(self) -> None:
        """Advertise no more."""
        if self._timer:
            self._timer.cancel()
        self._timer = None

    @property
    def is_on(self) -> bool:
        return self._timer is not None

    def _advertise(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._interval_s, self._advertise)
        if self._conditions.is_silent:
            return
        for central in self._air.others(self._controller):
            if central.le_scan_enable:
                self._report(central, self._data, hci.HCI_LE_Advertising_Report_Event.EventType.ADV_IND)
                if central.le_scan_type:
                    response = hci.HCI_LE_Advertising_Report_Event.EventType.SCAN_RSP
                    self._report(central, self._scan_response, response)
            wanted = central.pending_le_connection
            if wanted and wanted.peer_address == self._controller.random_address and self._timer:
                self._air.connect(central, self._controller, self._conditions)

    def _report(self, central: Controller, data: bytes, event_type: int) -> None:
        report = hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=event_type,
            address_type=self._controller.random_address.address_type,
            address=self._controller.random_address,
            data=data,
            rssi=self._conditions.rssi_dbm,
        )
        central.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))


class Air(LocalLink):  # type: ignore[misc]
    """Bumble's link, with connection events instead of delivery at once. Controllers are known by their addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.controllers: list[AirController] = []  # type: ignore[assignment]  # in order: a set has none
        self._connections: dict[tuple[hci.Address, hci.Address], AirConnection] = {}

    def add_controller(self, controller: AirController) -> None:
        self.controllers.append(controller)

    def others(self, controller: AirController) -> list[AirController]:
        """Everyone else, in the order in which they came."""
        return [each for each in self.controllers if each is not controller]

    def connect(self, central: AirController, pod: AirController, conditions: Conditions) -> None:
        """A central answers an advertisement."""
        if pod.random_address in central.le_connections:
            return  # it believes that it is connected
        connection = AirConnection(central, pod, conditions)
        self._connections[central.random_address, pod.random_address] = connection
        self._connections[pod.random_address, central.random_address] = connection
        central.create_le_connection(pod.random_address)
        connection.joined(central)
        taken = len(pod.le_connections) < _MOST_CONNECTIONS and central.random_address not in pod.le_connections
        if conditions.refuses or not taken:
            late_s = _NOT_ESTABLISHED_EVENTS * conditions.interval_ms / 1000
            asyncio.get_running_loop().call_later(
                late_s, connection.leave, central, hci.HCI_CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
            )
        else:
            interval = round(conditions.interval_ms / 1.25)
            pod.on_le_connect_ind(ll.ConnectInd(central.random_address, pod.random_address, interval, 0, 0))
            connection.joined(pod)

    def waiting(self, controller: AirController) -> int:
        """How many packets of this controller wait for a connection event."""
        mine = (each for (sender, _), each in self._connections.items() if sender == controller.random_address)
        return sum(connection.waiting(controller) for connection in mine)

    def switch_off(self, controller: AirController) -> None:
        """It is gone without a word."""
        self.controllers.remove(controller)
        for (sender, _), connection in self._connections.items():
            if sender == controller.random_address:
                connection.vanish(controller)

    def send_acl_data(
        self,
        sender_controller: AirController,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        connection = self._connections[sender_controller.random_address, destination_address]
        connection.put(sender_controller, data)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        connection = self._connections[sender_address, receiver_address]
        sender = next(each for each in self.controllers if each.random_address == sender_address)
        connection.put(sender, packet)

    def send_advertising_pdu(self, sender_controller: AirController, packet: ll.AdvertisingPdu) -> None:
        """A pod's advertising is the `Advertiser`'s; that a central connects, `connect` tells the pod."""
