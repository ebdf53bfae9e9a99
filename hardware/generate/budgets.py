"""How long each build records and sleeps on its cell, and what it weighs."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from hardware.generate.design import HARDWARE, Build, Design, DesignError, Part

ROOM = ("parts",)
RATES_HZ = (200, 250, 500, 1000)
PLANNED_HZ = 500  # the rate that recording_ma is meant for, the firmware's first value (docs/link.md)
SAMPLES_PER_PACKET = 19
# A packet of 244 bytes behind 7 bytes of L2CAP and ATT, with preamble, address, header, MIC and CRC, at 1 Mbit/s:
# (1 + 4 + 2 + 7 + 244 + 4 + 3) * 8 us (Bluetooth Core Specification 5.4, volume 6, part B, 2.1).
PACKET_ON_AIR_S = 265 * 8e-6
SENDING_MA = 130  # above listening, an upper value; the ESP32 data sheet gives 130 mA in all at 0 dBm
LOGIC_V = 3.3
CELL_V = 3.7  # a cell's mean voltage
MASSES = HARDWARE / "case" / "masses.csv"
UNDER_XIAO = "tray"  # of builds on wires only: the carrier board lies there otherwise
PUCK = "puck"  # bodies of a case whose name begins so sit on the bone, with the sensor


@dataclass(frozen=True)
class Life:
    """Currents from the cell in mA, and hours until it is empty."""

    build: str
    rate_hz: int
    recording_ma: float
    recording_h: float
    asleep_ma: float
    asleep_h: float


@dataclass(frozen=True)
class Mass:
    """What a build weighs, by item, in g: what is worn in the pod, on the bone, and round the leg."""

    build: str
    pod: dict[str, float]
    puck: dict[str, float]
    optional: dict[str, float]
    strap_g: float

    @property
    def pod_g(self) -> float:
        """The pod with cell, case and soft side, without strap, puck and optional parts."""
        return sum(self.pod.values())

    @property
    def full_pod_g(self) -> float:
        """The pod with its optional parts."""
        return self.pod_g + sum(self.optional.values())

    @property
    def puck_g(self) -> float:
        """What sits on the bone; 0 where the sensor is in the pod."""
        return sum(self.puck.values())


def life(design: Design, build: Build, rate_hz: int) -> Life:
    """Return how long a build records at a rate, and sleeps.

    ``hours = usable_share * capacity / current``. The board's `recording_ma` holds for `PLANNED_HZ`; another rate sends
    more or fewer packets, each `PACKET_ON_AIR_S` long. A switching regulator turns the current at 3.3 V into that at
    the cell by voltages and efficiency; a linear one passes it on.
    """
    parts = [design.part(build, ref) for ref in build.parts]
    board = design.parts[build.board]
    capacity_mah = sum(part.capacity_mah or 0 for part in parts)
    packets_per_s = (rate_hz - PLANNED_HZ) / SAMPLES_PER_PACKET
    recording_ma = (board.recording_ma or 0) + SENDING_MA * PACKET_ON_AIR_S * packets_per_s
    asleep_ma = sum(part.asleep_ma or 0 for part in parts)
    usable_mah, share = design.limits.usable_share * capacity_mah, _at_the_cell(parts)
    if not recording_ma > 0 or not asleep_ma > 0:
        raise DesignError(f"builds/{build.name}", "the board's currents are not given", build=build.name)
    return Life(
        build.name,
        rate_hz,
        recording_ma * share,
        usable_mah / (recording_ma * share),
        asleep_ma * share,
        usable_mah / (asleep_ma * share),
    )


def mass(design: Design, build: Build, cases: dict[str, dict[str, float]]) -> Mass:
    """Return what a build weighs.

    Parameters
    ----------
    cases : dict of str to dict of str to float
        Mass of each printed body by case, in g: `read_masses`.
    """
    split = build.way == "lab"
    pod: dict[str, float] = {}
    puck: dict[str, float] = {}
    optional: dict[str, float] = {}
    small_g = 0.0
    for ref in build.parts:
        part = design.part(build, ref)
        if part.role == "sensor" and split:
            puck[_name(part)] = part.mass_g
        elif part.optional:
            optional[_name(part)] = part.mass_g
        elif part.mass_g >= 0.5:
            pod[_name(part)] = pod.get(_name(part), 0) + part.mass_g
        else:
            small_g += part.mass_g
    pod["small parts"] = small_g
    pod["solder"] = design.allowances.solder_g
    for supply in design.supplies.values():
        if build.way in supply.ways:
            pod[supply.what] = supply.mass_g
    if build.way == "carrier":
        pod["carrier board"] = _board_g(design)
    for body, mass_g in cases[build.case].items() if build.case else ():
        if body == UNDER_XIAO and build.way == "carrier":
            continue
        (puck if body.startswith(PUCK) else pod)[f"case: {body}"] = mass_g
    return Mass(build.name, pod, puck, optional, design.case.strap.mass_g if build.worn else 0.0)


def read_masses(text: str) -> dict[str, dict[str, float]]:
    """Return the mass of each printed body by case, from the text of case/masses.csv.

    Raises
    ------
    DesignError
        Where it has not the columns case, body, mass_g, a mass is no number above 0, or a body stands there twice.
    """
    reader = csv.DictReader(io.StringIO(text), strict=True)
    found: dict[str, dict[str, float]] = {}
    try:
        for row in reader:
            case, body, mass_g = row["case"], row["body"], float(row["mass_g"])
            if not 0 < mass_g < 1000 or not case or not body or body in found.get(case, {}):
                raise ValueError(f"line {reader.line_num}")
            found.setdefault(case, {})[body] = mass_g
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise DesignError("case/masses.csv", f"it is not a table of case, body, mass_g ({error})") from error
    return found


def faults(design: Design, cases: dict[str, dict[str, float]]) -> list[str]:
    """Return which builds are too heavy or record for too short a time at `PLANNED_HZ`, in words."""
    limits, found = design.limits, []
    for build in design.builds.values():
        hours = life(design, build, PLANNED_HZ).recording_h
        if hours < limits.run_time_h:
            found.append(f"{build.name} records for {hours:.1f} h, less than {limits.run_time_h:g} h")
        if build.case and build.case not in cases:
            found.append(f"{build.name}: nobody has computed the mass of the case {build.case}")
            continue
        weight = mass(design, build, cases)
        most_g = build.pod_mass_g or limits.pod_mass_g
        if build.worn and weight.pod_g > most_g:
            found.append(f"{build.name} weighs {weight.pod_g:.1f} g, more than {most_g:g} g")
        if weight.puck_g > limits.puck_mass_g:
            found.append(f"{build.name}: the puck weighs {weight.puck_g:.1f} g, more than {limits.puck_mass_g:g} g")
        if build.way == "lab" and len(weight.puck) < 2:
            found.append(f"{build.name}: the puck has no case")
    return found


def make(design: Design, out: Path, masses: Path = MASSES) -> None:
    """Write budgets.csv and budgets.md into `out`/parts."""
    from hardware.generate.budgets_page import page, table

    cases = read_masses(masses.read_text(encoding="utf-8"))
    room = out / "parts"
    room.mkdir(parents=True, exist_ok=True)
    (room / "budgets.csv").write_text(table(design, cases), encoding="utf-8")
    (room / "budgets.md").write_text(page(design, cases), encoding="utf-8")


def _name(part: Part) -> str:
    return part.what.partition(",")[0]


def _at_the_cell(parts: list[Part]) -> float:
    """Return the current at the cell for 1 mA at 3.3 V."""
    efficiency = next((part.efficiency for part in parts if part.efficiency), None)
    return LOGIC_V / (CELL_V * efficiency) if efficiency else 1.0


def _board_g(design: Design) -> float:
    length_mm, width_mm = design.carrier.size_mm
    return length_mm * width_mm * design.carrier.thickness_mm / 1000 * design.allowances.board_g_per_cm3
