"""Write small FIT activities: just enough of the format for readers to be tested on files of known content."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

FIT_EPOCH_UNIX_S = 631_065_600
ENUM, UINT8, UINT16, UINT32, SINT32 = 0x00, 0x02, 0x84, 0x86, 0x85
CODES = {
    ENUM: ("B", 0xFF),
    UINT8: ("B", 0xFF),
    UINT16: ("H", 0xFFFF),
    UINT32: ("I", 2**32 - 1),
    SINT32: ("i", 2**31 - 1),
}

# name: (field number, base type, scale, offset), from the public FIT profile
FILE_ID = {"type": (0, ENUM, 1, 0), "manufacturer": (1, UINT16, 1, 0), "time_created": (4, UINT32, 1, 0)}
DEVICE_INFO = {"device_index": (0, UINT8, 1, 0), "device_type": (1, UINT8, 1, 0), "source_type": (25, ENUM, 1, 0)}
RECORD = {
    "timestamp": (253, UINT32, 1, 0),
    "latitude_semicircles": (0, SINT32, 1, 0),
    "longitude_semicircles": (1, SINT32, 1, 0),
    "altitude_m": (2, UINT16, 5, 500),
    "cadence_rpm": (4, UINT8, 1, 0),
    "distance_m": (5, UINT32, 100, 0),
    "speed_mps": (6, UINT16, 1000, 0),
    "fractional_cadence_rpm": (53, UINT8, 128, 0),
    "enhanced_speed_mps": (73, UINT32, 1000, 0),
    "enhanced_altitude_m": (78, UINT32, 5, 500),
}
Layout = Mapping[str, tuple[int, int, int, int]]
Values = Mapping[str, float]

CRC_TABLE = (0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401,
             0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400)  # fmt: skip


def fit_activity(records: Iterable[Values], start_unix_s: int = 1_700_000_000, barometer: bool = False) -> bytes:
    """An activity file. Each record: `t_s` from the start (absent: no timestamp) and any of the fields of `RECORD`."""
    created = start_unix_s - FIT_EPOCH_UNIX_S
    body = _message(0, FILE_ID, [{"type": 4, "manufacturer": 255, "time_created": created}])
    if barometer:
        body += _message(23, DEVICE_INFO, [{"device_index": 1, "device_type": 4, "source_type": 5}])
    rows = [({**row, "timestamp": created + row["t_s"]} if "t_s" in row else row) for row in records]
    used = {name: RECORD[name] for name in RECORD if any(name in row for row in rows)}
    if used:
        body += _message(20, used, rows)
    header = struct.pack("<BBHI4s", 14, 0x20, 2132, len(body), b".FIT")
    header += struct.pack("<H", crc16(header))
    return header + body + struct.pack("<H", crc16(header + body))


def crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        for nibble in (byte & 0xF, byte >> 4):
            crc = (crc >> 4) ^ CRC_TABLE[crc & 0xF] ^ CRC_TABLE[nibble]
    return crc


def _message(number: int, layout: Layout, rows: Iterable[Values]) -> bytes:
    """One definition, then a data message for each row; a value that is absent is written as invalid."""
    fields = b"".join(
        struct.pack("BBB", field, struct.calcsize(CODES[kind][0]), kind) for field, kind, _, _ in layout.values()
    )
    definition = struct.pack("<BBBHB", 0x40, 0, 0, number, len(layout)) + fields
    form = "<B" + "".join(CODES[kind][0] for _, kind, _, _ in layout.values())
    data = (
        struct.pack(
            form,
            0,
            *(
                round((row[name] + offset) * scale) if name in row else CODES[kind][1]
                for name, (_, kind, scale, offset) in layout.items()
            ),
        )
        for row in rows
    )
    return definition + b"".join(data)
