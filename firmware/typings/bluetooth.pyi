"""MicroPython's `bluetooth` as the firmware uses it: the peripheral's part, 1.24 to 1.29."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, TypeAlias, overload

_Buffer: TypeAlias = bytes | bytearray | memoryview | str
_Characteristic: TypeAlias = tuple[UUID, int] | tuple[UUID, int, Sequence[tuple[UUID, int]]]
_Handler: TypeAlias = Callable[[int, tuple[Any, ...]], int | bool | bytes | None]

FLAG_READ: Final[int]
FLAG_WRITE_NO_RESPONSE: Final[int]
FLAG_WRITE: Final[int]
FLAG_NOTIFY: Final[int]
FLAG_INDICATE: Final[int]

class UUID:
    def __init__(self, value: int | str | bytes | bytearray | memoryview, /) -> None: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    """Little-endian; so bytes(UUID(...)) works."""

class BLE:
    def __init__(self) -> None: ...
    @overload
    def active(self) -> bool: ...
    @overload
    def active(self, active: bool, /) -> bool: ...
    @overload
    def config(self, param: Literal["mac"], /) -> tuple[int, bytes]: ...
    @overload
    def config(self, param: Literal["gap_name"], /) -> bytes: ...
    @overload
    def config(self, param: Literal["mtu", "rxbuf"], /) -> int: ...
    @overload
    def config(
        self,
        *,
        addr_mode: int = ...,
        gap_name: _Buffer = ...,
        rxbuf: int = ...,
        mtu: int = ...,
        bond: bool = ...,
        mitm: bool = ...,
        io: int = ...,
        le_secure: bool = ...,
    ) -> None: ...
    def irq(self, handler: _Handler | None, /) -> None: ...
    def gap_advertise(
        self,
        interval_us: int | None,
        adv_data: _Buffer | None = None,
        *,
        resp_data: _Buffer | None = None,
        connectable: bool = True,
    ) -> None: ...
    def gap_disconnect(self, conn_handle: int, /) -> bool: ...
    def gatts_register_services(
        self, services: Sequence[tuple[UUID, Sequence[_Characteristic]]], /
    ) -> tuple[tuple[int, ...], ...]: ...
    def gatts_read(self, value_handle: int, /) -> bytes: ...
    def gatts_write(self, value_handle: int, data: _Buffer, send_update: bool = False, /) -> None: ...
    def gatts_notify(self, conn_handle: int, value_handle: int, data: _Buffer | None = None, /) -> None: ...
    def gatts_indicate(self, conn_handle: int, value_handle: int, data: _Buffer | None = None, /) -> None: ...
    def gatts_set_buffer(self, value_handle: int, len: int, append: bool = False, /) -> None: ...
