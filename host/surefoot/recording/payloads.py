"""What the payloads of a run file's frames say, to the byte (docs/run-file.md)."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from surefoot.recording.framing import FrameType
from surefoot.wire.packets import HEADER_BYTES, PACKET_BYTES_MAX
from surefoot.words import printable

FORMAT = 1
SHA256_BYTES = 32
UTC_BYTES = 8

CLOCK = np.dtype(
    [("asked_utc_us", "<u8"), ("answered_utc_us", "<u8"), ("clock_us", "<u4"), ("index", "<u4"), ("run", "<u4")]
)
"""A clock frame: when *time* was written, when its answer came, and the answer."""

_CLOCK = struct.Struct("<QQIII")
_UTC = struct.Struct("<Q")
_LINK = struct.Struct("<QB")
_END = struct.Struct(f"<QI{SHA256_BYTES}s")
_BLOCK = struct.Struct("<II3s")

_BEFORE_PACKET: dict[int, int] = {FrameType.PACKET: 0, FrameType.ARRIVED: UTC_BYTES}
"""Bytes of the payload before the packet in it."""

Scalar = str | int | float | bool | None
FACTS_MAX = 100
"""Entries of a JSON frame that are read; more of them nobody says."""


@dataclass(frozen=True)
class FileEnd:
    """An end frame: frames and SHA-256 of all bytes before it."""

    utc_us: int
    frames: int
    sha256: bytes


def clock_payload(asked_utc_us: int, answered_utc_us: int, clock_us: int, index: int, run: int) -> bytes:
    """Write the payload of a clock frame."""
    return _CLOCK.pack(asked_utc_us, answered_utc_us, clock_us, index, run)


def arrived_payload(utc_us: int, packet: bytes) -> bytes:
    """Write the payload of an arrived frame."""
    return _UTC.pack(utc_us) + packet


def packet_in(frame_type: int, payload: bytes) -> bytes | None:
    """Return the packet in a frame; None if it holds none."""
    before = _BEFORE_PACKET.get(frame_type)
    holds = before is not None and HEADER_BYTES <= len(payload) - before <= PACKET_BYTES_MAX
    return payload[before:] if holds else None


def mark_payload(utc_us: int, text: str) -> bytes:
    """Write the payload of a mark frame; what no UTF-8 can say becomes a question mark."""
    return _UTC.pack(utc_us) + text.encode(errors="replace")


def read_mark(payload: bytes) -> tuple[int, str] | None:
    """Return the UTC in us and the text of a mark, harmless on any screen; None if it is none."""
    if len(payload) < UTC_BYTES:
        return None
    return int.from_bytes(payload[:UTC_BYTES], "little"), printable(payload[UTC_BYTES:].decode(errors="replace"))


def link_payload(utc_us: int, connected: bool) -> bytes:
    """Write the payload of a link frame."""
    return _LINK.pack(utc_us, connected)


def read_link(payload: bytes) -> tuple[int, bool] | None:
    """Return the UTC in us and whether the link was there from then on; None if it is no link frame."""
    if len(payload) != _LINK.size:
        return None
    utc_us, connected = _LINK.unpack(payload)
    return utc_us, bool(connected)


def end_payload(end: FileEnd) -> bytes:
    """Write the payload of an end frame."""
    return _END.pack(end.utc_us, end.frames, end.sha256)


def read_end(payload: bytes) -> FileEnd | None:
    """Return what an end frame says; None if it is none."""
    return FileEnd(*_END.unpack(payload)) if len(payload) == _END.size else None


def read_block_run(payload: bytes) -> int | None:
    """Return the number of the run in a block of the pod's flash; None if it is no block frame."""
    return int(_BLOCK.unpack(payload)[1]) if len(payload) == _BLOCK.size else None


def facts_payload(facts: dict[str, Scalar]) -> bytes:
    """Write the payload of a file or settings frame; what no UTF-8 can say becomes a question mark."""
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def read_facts(payload: bytes) -> dict[str, Scalar] | None:
    """Return the texts, numbers and truths in a file or settings frame, harmless on any screen; None if it has none."""
    try:
        content: Any = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    known = [(key, value) for key, value in content.items() if _is_plain(value)]
    return {printable(key): printable(value) if isinstance(value, str) else value for key, value in known[:FACTS_MAX]}


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value))
