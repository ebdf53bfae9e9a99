"""The budgets of battery life and mass as a table and as a page."""

from __future__ import annotations

import csv
import io

from hardware.generate.budgets import (
    PACKET_ON_AIR_S,
    PLANNED_HZ,
    RATES_HZ,
    SAMPLES_PER_PACKET,
    SENDING_MA,
    life,
    mass,
)
from hardware.generate.design import Build, Design, Part
from hardware.generate.ringing import on_pad_hz, rings_hz

COLUMNS = (
    "build",
    "rate_hz",
    "recording_ma",
    "recording_h",
    "asleep_ma",
    "asleep_h",
    "pod_g",
    "pod_with_options_g",
    "puck_g",
    "strap_g",
)
Cases = dict[str, dict[str, float]]


def table(design: Design, cases: Cases) -> str:
    """Return the budgets as CSV, a row for each build and rate."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for build in design.builds.values():
        weight = mass(design, build, cases)
        for rate_hz in RATES_HZ:
            hours = life(design, build, rate_hz)
            writer.writerow(
                [
                    build.name,
                    rate_hz,
                    f"{hours.recording_ma:.1f}",
                    f"{hours.recording_h:.2f}",
                    f"{hours.asleep_ma:.2f}",
                    f"{hours.asleep_h:.0f}",
                    f"{weight.pod_g:.1f}",
                    f"{weight.full_pod_g:.1f}",
                    f"{weight.puck_g:.1f}",
                    f"{weight.strap_g:.1f}",
                ]
            )
    return text.getvalue()


def page(design: Design, cases: Cases) -> str:
    """Return the budgets as Markdown, with formulas and where each number is from."""
    text = [f"# How long it records, what it weighs\n\n{_top(design)}\n\n## Hours of recording\n"]
    rates = " | ".join(f"{rate_hz} Hz" for rate_hz in RATES_HZ)
    text.append(f"| build | cell, mAh | {rates} | mA at {PLANNED_HZ} Hz |\n|---|---|{'---|' * (len(RATES_HZ) + 1)}")
    text += [_life_row(design, build) for build in design.builds.values()]
    text.append(f"\n{_life_words(design)}\n\n## Asleep and switched off\n")
    text.append("| build | mA asleep | until the cell is empty |\n|---|---|---|")
    for build in design.builds.values():
        hours = life(design, build, PLANNED_HZ)
        text.append(f"| {build.name} | {hours.asleep_ma:.1f} | {_span(hours.asleep_h)} |")
    text.append(f"\n{ASLEEP}\n\n## Grams\n\n{_mass_table(design, cases)}\n\n{_mass_words(design)}")
    text.append(_ringing(design))
    text += [_items(design, build, cases) for build in design.builds.values() if build.worn]
    return "\n".join(text) + "\n"


ASLEEP = """
The board's own current asleep and that of the sensor's module. 5 mA of it are the module's regulator where it is of
the kind AMS1117 (to be checked); one of the kind 662K takes 0.1 mA, and a XIAO then sleeps for months. So **use the
switch**: switched off, the cell feeds nothing but its own protection, because the divider hangs behind the switch.
Switch on to charge: a board with a charger charges through the switch (the DevKitC's charger module sits before it).
""".strip()


def _top(design: Design) -> str:
    limits = design.limits
    return f"""
Made from [design.yaml](../design.yaml) and [case/masses.csv](../case/masses.csv); do not edit here. These are
**planning values. Nobody has measured a current or weighed a pod.** Limits: {limits.pod_mass_g:g} g
for a worn pod without strap and motor (the LOLIN32 Lite has a limit of its own),
{limits.puck_mass_g:g} g for a puck on the bone, at least {limits.run_time_h:g} h of recording at {PLANNED_HZ} Hz.
""".strip()


def _life_row(design: Design, build: Build) -> str:
    capacity_mah = sum(design.part(build, ref).capacity_mah or 0 for ref in build.parts)
    hours = " | ".join(f"{life(design, build, rate_hz).recording_h:.1f}" for rate_hz in RATES_HZ)
    return f"| {build.name} | {capacity_mah:g} | {hours} | {life(design, build, PLANNED_HZ).recording_ma:.0f} |"


def _life_words(design: Design) -> str:
    slope_ma = SENDING_MA * PACKET_ON_AIR_S * 100 / SAMPLES_PER_PACKET
    boards = {build.board: design.parts[build.board] for build in design.builds.values()}
    lines = [
        f"Hours = {design.limits.usable_share:g} x capacity / current: a fifth of the cell goes to cold, age and the",
        f"stop at 3.4 V. The current is that of board and sensor at {PLANNED_HZ} Hz with the link up; every 100 Hz",
        f"more or less is {slope_ma:.1f} mA ({SAMPLES_PER_PACKET} samples a packet, {PACKET_ON_AIR_S * 1e3:.2f} ms",
        f"on air, {SENDING_MA} mA while sending; to be checked). Behind a switching regulator it is taken at the cell:",
        "x 3.3 V / 3.7 V / efficiency. The motor is not in it: a thousand cues of 0.2 s at 80 mA take 4.4 mAh (to be",
        "checked). Where the board's current is from:",
        "",
        *(f"- {part.what}, {part.recording_ma:g} mA: {_origin(part)}." for part in boards.values()),
    ]
    return "\n".join(lines)


def _origin(part: Part) -> str:
    found = [text.partition(": ")[2] for text in part.source if text.startswith("recording: ")]
    return "to be checked" + "".join(f" ({text})" for text in found) if "recording_ma" in part.to_check else found[0]


def _span(hours: float) -> str:
    return f"{hours:.0f} h" if hours < 96 else f"{hours / 24:.0f} days"


def _mass_table(design: Design, cases: Cases) -> str:
    rows = ["| build | pod | limit | with motor | puck on the bone | strap |", "|---|---|---|---|---|---|"]
    for build in design.builds.values():
        weight = mass(design, build, cases)
        puck, strap = (f"{g:.1f}" if g else "" for g in (weight.puck_g, weight.strap_g))
        most = f"{build.pod_mass_g or design.limits.pod_mass_g:g}" if build.worn else ""
        rows.append(f"| {build.name} | {weight.pod_g:.1f} | {most} | {weight.full_pod_g:.1f} | {puck} | {strap} |")
    return "\n".join(rows)


def _mass_words(design: Design) -> str:
    return (
        "Masses of parts are makers' numbers or from memory ([parts](README.md) says which), those\n"
        "of printed bodies are volume x density with all walls filled, the carrier board is its volume x "
        f"{design.allowances.board_g_per_cm3:g} g/cm3. The\nbench build has no case and is not worn."
    )


def _ringing(design: Design) -> str:
    case, mass_g = design.case, design.limits.pod_mass_g
    rows = [
        "\n### How fast it rings\n",
        f"A pod of {mass_g:g} g on skin of {case.skin_n_per_m:g} N/m (illustrative; to be checked) rings at",
        f"{rings_hz(mass_g, case.skin_n_per_m):.0f} Hz: f = sqrt(k / m) / 2 pi.",
        f"The soft side, {case.form.pad_mm:g} mm thick, is a spring behind the skin's: along the shin k = G A / t,",
        "the two in series.",
        "Reckoned, not measured; the tap test of [mount](../mount/README.md) tells.\n",
        "| soft side | G, MPa | rings at | source |",
        "|---|---|---|---|",
    ]
    for name, pad in case.pad_materials.items():
        taken = "**taken:** " if name == case.pad else "not: "
        ring_hz = on_pad_hz(design, name, mass_g)
        rows.append(f"| {taken}{pad.what} | {pad.shear_kpa / 1000:.2g} | {ring_hz:.0f} Hz | {pad.source} |")
    return "\n".join(rows)


def _items(design: Design, build: Build, cases: Cases) -> str:
    weight = mass(design, build, cases)
    parts = [f"| {item} | {g:.1f} | |" for item, g in weight.pod.items()]
    parts += [f"| {item} | | {g:.1f} |" for item, g in weight.puck.items()]
    parts += [f"| {item} (optional, not counted) | {g:.1f} | |" for item, g in weight.optional.items()]
    return "\n".join([f"\n### {build.name}\n", "| | pod, g | puck, g |", "|---|---|---|", *parts])
