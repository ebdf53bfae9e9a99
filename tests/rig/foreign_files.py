"""Files as other programs write them, made after their documentation (docs/formats.md) and by none of our readers."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

GRAVITY_MPS2 = 9.80665


def accel_g(t_s: float) -> tuple[float, float, float]:
    """A smooth motion whose value is known at any time."""
    return (0.3 * math.sin(9 * t_s), 1.0 + 0.5 * math.sin(17 * t_s), 0.2 * math.cos(5 * t_s))


def gyro_dps(t_s: float) -> tuple[float, float, float]:
    return (40.0 * math.cos(7 * t_s), 15.0 * math.sin(11 * t_s), 300.0 * math.sin(9 * t_s))


def accel_mps2(t_s: float) -> list[float]:
    return [value * GRAVITY_MPS2 for value in accel_g(t_s)]


def gyro_radps(t_s: float) -> list[float]:
    return [value * math.pi / 180 for value in gyro_dps(t_s)]


def times(rate_hz: float, seconds: float, start_s: float = 0.0) -> list[float]:
    return [start_s + k / rate_hz for k in range(round(rate_hz * seconds))]


def _java(value: float, decimal: str) -> str:
    """Write a number as Java's DecimalFormat("0.000000000E0") does."""
    if math.isnan(value):
        return "NaN"
    mantissa, exponent = f"{value:.9e}".split("e")
    return f"{mantissa.replace('.', decimal)}E{int(exponent)}"


def phyphox_table(
    names: Sequence[str], rows: Iterable[Sequence[float]], separator: str = ",", decimal: str = "."
) -> bytes:
    lines = [separator.join(f'"{name}"' for name in names)]
    lines += [separator.join(_java(value, decimal) for value in row) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def phyphox_accelerometer(at_s: Sequence[float], separator: str = ",", decimal: str = ".") -> bytes:
    names = ["Time (s)", *(f"Acceleration {axis} (m/s^2)" for axis in "xyz"), "Absolute acceleration (m/s^2)"]
    rows = ([t_s, *accel_mps2(t_s), math.hypot(*accel_mps2(t_s))] for t_s in at_s)
    return phyphox_table(names, rows, separator, decimal)


def phyphox_gyroscope(at_s: Sequence[float], separator: str = ",", decimal: str = ".") -> bytes:
    names = ["Time (s)", *(f"Gyroscope {axis} (rad/s)" for axis in "xyz"), "Absolute (rad/s)"]
    rows = ([t_s, *gyro_radps(t_s), math.hypot(*gyro_radps(t_s))] for t_s in at_s)
    return phyphox_table(names, rows, separator, decimal)


def phyphox_meta(
    events: Iterable[tuple[str, float, float]], facts: dict[str, str], separator: str = ",", decimal: str = "."
) -> dict[str, bytes]:
    device = [f'"property"{separator}"value"', *(f'"{name}"{separator}"{value}"' for name, value in facts.items())]
    time = [separator.join(['"event"', '"experiment time"', '"system time"', '"system time text"'])]
    for event, experiment_s, system_s in events:
        system = f"{system_s:.3f}".replace(".", decimal)
        time.append(separator.join([f'"{event}"', _java(experiment_s, decimal), system, '"2026-05-01 10:00:00.000"']))
    return {
        "meta/device.csv": ("\n".join(device) + "\n").encode(),
        "meta/time.csv": ("\n".join(time) + "\n").encode(),
    }


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def blue_trident(at_s: Sequence[float], unix_us: int | None, *, has_gyro: bool = True, scale: float = 1.0) -> bytes:
    """Write a low-g file, or the high-g one without angular rates."""
    names = ["unix_timestamp_microsec"] if unix_us is not None else []
    names += ["time_s", "ax_m/s/s", "ay_m/s/s", "az_m/s/s"]
    names += ["gx_deg/s", "gy_deg/s", "gz_deg/s"] if has_gyro else []
    lines = [",".join(names)]
    for t_s in at_s:
        cells = [str(unix_us + round(t_s * 1e6))] if unix_us is not None else []
        cells += [f"{t_s:.6f}", *(f"{scale * value:.6f}" for value in accel_mps2(t_s))]
        cells += [f"{value:.6f}" for value in gyro_dps(t_s)] if has_gyro else []
        lines.append(",".join(cells))
    return ("\n".join(lines) + "\n").encode()


XSENS_FACTS = (
    "sep=,",
    "DeviceTag:, DOT_Shank_L",
    "FirmwareVersion:, 2.4.0",
    "AppVersion:, v2023.6.0",
    "SyncStatus:, Synced",
    "OutputRate:, 60Hz",
    "FilterProfile:, General",
    "Measurement Mode:, Custom modes - custom mode5",
    "StartTime:, 2026-05-01_10-00-00_000",
    "",
)


def xsens_dot(ticks_us: Sequence[int], at_s: Sequence[float], facts: Sequence[str] = XSENS_FACTS) -> bytes:
    """Write a recording with inertial data; every row ends in a comma, as those of the recording mode do."""
    names = ["PacketCounter", "SampleTimeFine", "Quat_W", "Quat_X", "Quat_Y", "Quat_Z"]
    names += [f"FreeAcc_{axis}" for axis in "XYZ"] + [f"Acc_{axis}" for axis in "XYZ"]
    names += [f"Gyr_{axis}" for axis in "XYZ"] + ["Status"]
    lines = [*facts, ",".join(names) + ","]
    for number, (tick, t_s) in enumerate(zip(ticks_us, at_s, strict=True)):
        cells = [str(number), str(tick), "1.0", "0.0", "0.0", "0.0", "7.0", "7.0", "7.0"]
        cells += [f"{value:.6f}" for value in (*accel_mps2(t_s), *gyro_dps(t_s))] + ["0"]
        lines.append(", ".join(cells) + ", ")
    return ("\n".join(lines) + "\n").encode()


def movesense_accelerometer(at_s: Sequence[float]) -> bytes:
    lines = ["Timestamp (ms),X: (m/s^2),Y: (m/s^2),Z: (m/s^2)"]
    for t_s in at_s:
        lines.append(",".join([str(round(t_s * 1e3)), *(f"{value:.6f}" for value in accel_mps2(t_s)), " "]))
    return ("\n".join(lines) + "\n").encode()


def movesense_gyroscope(at_s: Sequence[float]) -> bytes:
    lines = [",".join(["Timestamp (ms)", *(f"{axis}: (degree per second)" for axis in "XYZ")])]
    for t_s in at_s:
        lines.append(",".join([str(round(t_s * 1e3)), *(f"{value:.6f}" for value in gyro_dps(t_s)), " "]))
    return ("\n".join(lines) + "\n").encode()
