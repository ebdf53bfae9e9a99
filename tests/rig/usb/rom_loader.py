"""The boot ROM's serial loader, and the stub that esptool uploads, as in esptool's documentation ("Serial Protocol").

Packets in SLIP: 0 for a request and 1 for an answer, the command, length, checksum or value, then data; an answer ends
with a status, of four bytes from the ROM and of two from the stub.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable

from tests.rig.usb.chips import Chip
from tests.rig.usb.flash import SECTOR, Flash

(_FLASH_BEGIN, _FLASH_DATA, _FLASH_END, _MEM_BEGIN, _MEM_END, _MEM_DATA, _SYNC, _WRITE_REG, _READ_REG) = range(
    0x02, 0x0B
)
_SET_PARAMS, _ATTACH, _READ_SLOW, _BAUD = 0x0B, 0x0D, 0x0E, 0x0F
_DEFL_BEGIN, _DEFL_DATA, _DEFL_END, _MD5, _SECURITY = range(0x10, 0x15)
_ERASE_FLASH, _ERASE_REGION, _READ_FLASH, _RUN = range(0xD0, 0xD4)

_OK, _INVALID, _FAILED, _BAD_CHECKSUM, _BAD_DEFLATE = 0, 0x05, 0x06, 0x07, 0x0B
_ROM_BLOCK = 64
_ROM_SYNC_VALUE = 0x20120707


class Slip:
    """Packets out of bytes; what stands before the first end sign is not one."""

    def __init__(self) -> None:
        self._packet: bytearray | None = None
        self._escaped = False

    def feed(self, data: bytes) -> list[bytes]:
        """Packets that are whole now."""
        whole = []
        for byte in data:
            if byte == 0xC0:
                if self._packet:
                    whole.append(bytes(self._packet))
                    self._packet = None
                else:
                    self._packet = bytearray()
                self._escaped = False
            elif self._packet is not None:
                if self._escaped:
                    self._packet.append({0xDC: 0xC0, 0xDD: 0xDB}.get(byte, byte))
                    self._escaped = False
                elif byte == 0xDB:
                    self._escaped = True
                else:
                    self._packet.append(byte)
        return whole


def slip(packet: bytes) -> bytes:
    """One packet as bytes on the line."""
    return b"\xc0" + packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"


def checksum(data: bytes) -> int:
    """All bytes and 0xef, exclusive or."""
    folded = 0xEF
    for byte in data:
        folded ^= byte
    return folded


class Refused(Exception):
    """A request that is answered with this number of an error."""

    def __init__(self, error: int) -> None:
        self.error = error
        super().__init__(hex(error))


class Loader:
    """One stay in the loader. `send` gets bytes for the host; `leave` is called for the chip to start its program."""

    def __init__(self, chip: Chip, flash: Flash, send: Callable[[bytes], None], leave: Callable[[], None]) -> None:
        self._chip = chip
        self._flash = flash
        self._send = send
        self._leave = leave
        self._slip = Slip()
        self.stub = False
        self._memory: dict[int, bytearray] = {}
        self._sizes: dict[int, int] = {}
        self._at = 0
        self._left = 0
        self._erased_to = 0
        self._inflating: zlib._Decompress | None = None
        self._reading: _Reading | None = None

    def received(self, data: bytes) -> None:
        """Bytes from the host."""
        for packet in self._slip.feed(data):
            if self._reading and len(packet) == 4:
                self._read_on(struct.unpack("<I", packet)[0])
            elif len(packet) >= 8 and packet[0] == 0:
                _, command, length, check = struct.unpack_from("<BBHI", packet)
                if len(packet) == 8 + length:
                    self._reading = None
                    self._request(command, packet[8:], check)

    def _request(self, command: int, data: bytes, check: int) -> None:
        if command in (_FLASH_DATA, _DEFL_DATA, _MEM_DATA) and checksum(data[16:]) != check & 0xFF:
            self._answer(command, error=_BAD_CHECKSUM)
            return
        handler = _COMMON.get(command) or (_STUB if self.stub else _ROM).get(command)
        if handler is None:
            self._answer(command, error=_INVALID)
            return
        try:
            handler(self, data)
        except Refused as refused:
            self._answer(command, error=refused.error)
        except struct.error:
            self._answer(command, error=_INVALID)

    def _answer(self, command: int, data: bytes = b"", value: int = 0, error: int = _OK) -> None:
        status = bytes([1 if error else 0, error]) + (b"" if self.stub else b"\0\0")
        self._send(slip(struct.pack("<BBHI", 1, command, len(data + status), value) + data + status))

    # What both answer

    def _sync(self, data: bytes) -> None:
        if data != b"\x07\x07\x12\x20" + b"\x55" * 32:
            raise Refused(_INVALID)
        for _ in range(8):
            self._answer(_SYNC, value=0 if self.stub else _ROM_SYNC_VALUE)

    def _read_reg(self, data: bytes) -> None:
        self._answer(_READ_REG, value=self._chip.read(struct.unpack("<I", data)[0]))

    def _write_reg(self, data: bytes) -> None:
        for address, value, mask, _delay_us in struct.iter_unpack("<IIII", data):
            self._chip.write(address, value, mask)
        self._answer(_WRITE_REG)

    def _attach(self, data: bytes) -> None:
        if len(data) != (4 if self.stub else 8):
            raise Refused(_INVALID)
        self._answer(_ATTACH)

    def _set_params(self, data: bytes) -> None:
        struct.unpack("<IIIIII", data)
        self._answer(_SET_PARAMS)

    def _change_baud(self, data: bytes) -> None:
        (baud, _) = struct.unpack("<II", data)
        self._answer(_BAUD)
        self._chip.baud = baud

    def _security(self, data: bytes) -> None:
        told = self._chip.security()
        if told is None:
            raise Refused(_INVALID)
        self._answer(_SECURITY, told)

    def _md5(self, data: bytes) -> None:
        offset, length, _, _ = struct.unpack("<IIII", data)
        digest = hashlib.md5(self._flash.read(offset, length))
        self._answer(_MD5, digest.digest() if self.stub else digest.hexdigest().encode())

    # Into memory: how the stub gets there

    def _mem_begin(self, data: bytes) -> None:
        size, _blocks, _block, offset = struct.unpack("<IIII", data)
        self._memory[offset] = bytearray()
        self._sizes[offset] = size
        self._at = offset
        self._answer(_MEM_BEGIN)

    def _mem_data(self, data: bytes) -> None:
        length, _sequence, _, _ = struct.unpack_from("<IIII", data)
        if length != len(data) - 16 or self._at not in self._memory:
            raise Refused(_FAILED)
        self._memory[self._at] += data[16:]
        self._answer(_MEM_DATA)

    def _mem_end(self, data: bytes) -> None:
        """Start what was uploaded: the stub, if every byte of it came and its entry lies in it."""
        _stay, entry = struct.unpack("<II", data)
        whole = all(len(self._memory[at]) == size for at, size in self._sizes.items())
        if not whole or not any(at <= entry < at + len(code) for at, code in self._memory.items()):
            raise Refused(_FAILED)
        self._answer(_MEM_END)
        self.stub = True
        self._send(slip(b"OHAI"))

    # Into flash

    def _begin(self, data: bytes) -> None:
        size, _blocks, _block, self._at = struct.unpack_from("<IIII", data)
        self._left = size
        self._erased_to = self._at // SECTOR * SECTOR
        if not self.stub:
            self._flash.erase(self._at, size)
            self._erased_to = self._at + size + SECTOR

    def _flash_begin(self, data: bytes) -> None:
        self._begin(data)
        self._answer(_FLASH_BEGIN)

    def _flash_data(self, data: bytes) -> None:
        if struct.unpack_from("<I", data)[0] != len(data) - 16:
            raise Refused(_FAILED)
        self._program(data[16:])
        self._answer(_FLASH_DATA)

    def _defl_begin(self, data: bytes) -> None:
        self._begin(data)
        self._inflating = zlib.decompressobj()
        self._answer(_DEFL_BEGIN)

    def _defl_data(self, data: bytes) -> None:
        if self._inflating is None or struct.unpack_from("<I", data)[0] != len(data) - 16:
            raise Refused(_FAILED)
        try:
            content = self._inflating.decompress(data[16:])
        except zlib.error:
            raise Refused(_BAD_DEFLATE) from None
        self._program(content[: self._left])
        self._left -= min(len(content), self._left)
        self._answer(_DEFL_DATA)

    def _program(self, content: bytes) -> None:
        """Write on; the stub erases sectors as it comes to them."""
        while self._erased_to < self._at + len(content):
            self._flash.erase(self._erased_to, SECTOR)
            self._erased_to += SECTOR
        self._flash.program(self._at, content)
        self._at += len(content)

    def _flash_end(self, data: bytes) -> None:
        self._end(_FLASH_END, data)

    def _defl_end(self, data: bytes) -> None:
        self._end(_DEFL_END, data)

    def _end(self, command: int, data: bytes) -> None:
        self._inflating = None
        self._answer(command)
        if struct.unpack("<I", data)[0] == 0:
            self._leave()

    # What only the stub has, or only the ROM

    def _erase_flash(self, data: bytes) -> None:
        self._flash.erase(0, self._flash.size)
        self._answer(_ERASE_FLASH)

    def _erase_region(self, data: bytes) -> None:
        offset, length = struct.unpack("<II", data)
        if offset % SECTOR or length % SECTOR:
            raise Refused(_FAILED)
        self._flash.erase(offset, length)
        self._answer(_ERASE_REGION)

    def _run(self, data: bytes) -> None:
        self._leave()

    def _read_slow(self, data: bytes) -> None:
        offset, length = struct.unpack("<II", data)
        self._answer(_READ_SLOW, self._flash.read(offset, min(length, _ROM_BLOCK)).ljust(_ROM_BLOCK, b"\0"))

    def _read_flash(self, data: bytes) -> None:
        offset, length, block, ahead = struct.unpack("<IIII", data)
        self._answer(_READ_FLASH)
        self._reading = _Reading(self._flash.read(offset, length), block, ahead)
        self._read_on(0)

    def _read_on(self, acknowledged: int) -> None:
        reading = self._reading
        if reading:
            for packet in reading.packets(acknowledged):
                self._send(slip(packet))
            if reading.done:
                self._reading = None


class _Reading:
    """A part of the flash on its way: up to `ahead` packets of `block` bytes not acknowledged, then the MD5."""

    def __init__(self, content: bytes, block: int, ahead: int) -> None:
        self._content, self._block, self._ahead = content, block, ahead
        self._sent = 0
        self.done = False

    def packets(self, acknowledged: int) -> list[bytes]:
        out = []
        while self._sent < min(len(self._content), acknowledged + self._block * self._ahead):
            out.append(self._content[self._sent : self._sent + self._block])
            self._sent += len(out[-1])
        if acknowledged >= len(self._content):
            out.append(hashlib.md5(self._content).digest())
            self.done = True
        return out


Handler = Callable[[Loader, bytes], None]
_COMMON: dict[int, Handler] = {
    _SYNC: Loader._sync,
    _READ_REG: Loader._read_reg,
    _WRITE_REG: Loader._write_reg,
    _ATTACH: Loader._attach,
    _SET_PARAMS: Loader._set_params,
    _BAUD: Loader._change_baud,
    _SECURITY: Loader._security,
    _MD5: Loader._md5,
    _MEM_BEGIN: Loader._mem_begin,
    _MEM_DATA: Loader._mem_data,
    _MEM_END: Loader._mem_end,
    _FLASH_BEGIN: Loader._flash_begin,
    _FLASH_DATA: Loader._flash_data,
    _FLASH_END: Loader._flash_end,
    _DEFL_BEGIN: Loader._defl_begin,
    _DEFL_DATA: Loader._defl_data,
    _DEFL_END: Loader._defl_end,
}
_ROM: dict[int, Handler] = {_READ_SLOW: Loader._read_slow}
_STUB: dict[int, Handler] = {
    _ERASE_FLASH: Loader._erase_flash,
    _ERASE_REGION: Loader._erase_region,
    _READ_FLASH: Loader._read_flash,
    _RUN: Loader._run,
}
