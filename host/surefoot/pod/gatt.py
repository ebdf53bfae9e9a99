"""Names and numbers under which a pod is found and spoken to (docs/link.md, "Services")."""

from __future__ import annotations

import re

SERVICE = "5f6f0001-7375-7265-666f-6f7420706f64"
DATA = "5f6f0002-7375-7265-666f-6f7420706f64"
CONTROL = "5f6f0003-7375-7265-666f-6f7420706f64"
STATUS = "5f6f0004-7375-7265-666f-6f7420706f64"
IDENTITY = "5f6f0005-7375-7265-666f-6f7420706f64"
HARDWARE = "00002a27-0000-1000-8000-00805f9b34fb"

_NAME = re.compile(r"Surefoot [0-9A-F]{4}")


def is_pod_name(name: str | None) -> bool:
    """Whether a pod would advertise this name."""
    return name is not None and _NAME.fullmatch(name) is not None


def pod_suffix(serial: bytes) -> str:
    """Return the four hexadecimal digits by which people tell their pods apart."""
    return serial[-2:].hex().upper()
