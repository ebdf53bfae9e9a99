"""The written part of hardware/: links lead somewhere, numbers have sources, sums are right, no medical claim."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
import typer
import yaml
from pod.sensing.parts import PARTS

from hardware.generate import mount_tap
from surefoot.cli import app
from tests.test_docs import NOT_SAID

HARDWARE = Path(__file__).parents[2] / "hardware"
PAGES = {path.relative_to(HARDWARE).as_posix(): path.read_text(encoding="utf-8") for path in HARDWARE.rglob("*.md")}
GUIDES = [name for name in PAGES if name.startswith(("README", "assembly/", "mount/", "case/", "carrier/"))]
SAFETY, SENSORS, MOUNT = PAGES["SAFETY.md"], PAGES["sensors.md"], PAGES["mount/README.md"]
SOURCED = ("SAFETY.md", "sensors.md", "mount/README.md", "assembly/soldering.md")
DESIGN = yaml.safe_load((HARDWARE / "design.yaml").read_text(encoding="utf-8"))

COMMANDS = {
    name: {option for part in command.params for option in (*part.opts, *part.secondary_opts)} | {"--help"}
    for name, command in typer.main.get_command(app).commands.items()
}
NUMBER = r"\d+(?:\.\d+)? (?:°C|mA|mAh|mW|dBm|GHz|mm|Wh|W|V|%|hours|minutes|people)(?![\w])"
ACCOUNTED = r"\[\d+(?:, \d+)*\]|to be checked|reckoned|computed|not measured|design\.yaml"
LICENCES = {
    "LICENSE": "eeecc593866fa1c3b80189c7e3dc0ceb77740557fa92f81771f891cc54c579cb",
    "LICENSE-docs": "2a82ac9bbc3e3ee066908381e8d373896db5a6025d083fbd59692fe9ccfb9111",
}


def lost(text: str, folder: Path) -> list[str]:
    """Return the targets of links and pictures that do not exist, headings of pages included."""
    missing = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, heading = target.partition("#")
        path = folder / name if name else None
        there = path is None or path.exists()
        if not there or (heading and heading not in headings(path.read_text(encoding="utf-8") if path else text)):
            missing.append(target)
    return missing


def headings(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def said(text: str) -> list[str]:
    """Return what must not be said, addresses left out."""
    plain = re.sub(r"<https?://[^>]*>|\]\([^)]*\)", " ", text)
    return [match[0] for word in NOT_SAID for match in re.finditer(word, plain, re.IGNORECASE)]


def unaccounted(text: str) -> list[str]:
    """Return the paragraphs and rows of tables that have a number with a unit and neither source nor doubt."""
    details = text.partition("\n## What to do when\n")[2].partition("\n## Sources\n")[0]
    parts = [part.strip() for part in re.split(r"\n\n|\n(?=\|)", details)]
    return [part for part in parts if re.search(NUMBER, part) and not re.search(ACCOUNTED, part)]


def unmatched(text: str) -> set[int]:
    """Return the numbers of sources that are cited and not listed, or listed and not cited."""
    body, _, sources = text.partition("\n## Sources\n")
    cited = {int(number) for group in re.findall(r"\[(\d+(?:, \d+)*)\](?!\()", body) for number in group.split(", ")}
    return cited ^ {int(number) for number in re.findall(r"^(\d+)\. ", sources, re.MULTILINE)}


def unknown_commands(text: str) -> list[str]:
    """Return the lines that call a command or give it an option which it has not."""
    wrong = []
    for inline, block in re.findall(r"`([^`\n]+)`|^ {4}(.+)$", text, re.MULTILINE):
        called = re.search(r"(?:^|/)surefoot ([a-z]+)(.*)", inline or block)
        if called and not (called[1] in COMMANDS and set(re.findall(r"--[a-z-]+", called[2])) <= COMMANDS[called[1]]):
            wrong.append(called[0])
    return wrong


@pytest.mark.parametrize("name", PAGES)
def test_links_and_pictures_lead_somewhere(name: str) -> None:
    assert lost(PAGES[name], (HARDWARE / name).parent) == []


@pytest.mark.parametrize("name", GUIDES)
def test_every_guide_leads_to_the_safety_page(name: str) -> None:
    assert re.search(r"\]\((?:\.\./)*SAFETY\.md[)#]", PAGES[name])


@pytest.mark.parametrize("name", PAGES)
def test_nothing_medical_is_claimed(name: str) -> None:
    assert said(PAGES[name]) == []


@pytest.mark.parametrize("name", PAGES)
def test_commands_and_options_exist(name: str) -> None:
    assert unknown_commands(PAGES[name]) == []


def test_every_number_of_the_safety_page_has_a_source_or_a_doubt() -> None:
    assert unaccounted(SAFETY) == []


@pytest.mark.parametrize("name", SOURCED)
def test_sources_are_those_that_are_cited(name: str) -> None:
    assert unmatched(PAGES[name]) == set()


def test_the_first_part_is_read_in_three_minutes() -> None:
    """At 200 words a minute, which is slow for silent reading (Brysbaert 2019 found 238)."""
    first = SAFETY.partition("## Three minutes")[2].partition("## What to do when")[0]
    assert len(first.split()) <= 3 * 200


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[a](nowhere.md)", ["nowhere.md"]),
        ("![a](mount/none.png)", ["mount/none.png"]),
        ("[a](SAFETY.md#no-such-part)", ["SAFETY.md#no-such-part"]),
        ("# Here\n[a](#there)", ["#there"]),
        ("# Here we are\n[a](#here-we-are) [b](SAFETY.md#the-cell) <https://example.org>", []),
    ],
)
def test_a_link_to_nowhere_is_found(text: str, wrong: list[str]) -> None:
    assert lost(text, HARDWARE) == wrong


def test_a_medical_claim_is_found_and_an_address_is_none() -> None:
    assert said("It prevents injuries.") == ["injur"]
    assert said("See <https://example.org/injury> and [this](https://example.org/diagnosis).") == []


def test_a_number_without_a_source_is_found() -> None:
    page = (
        "## Three minutes\n\n9 mA\n\n## What to do when\n\nUp to 45 °C.\n\nUp to 45 °C [7].\n\n"
        "| a | b |\n|---|---|\n| 4 V | [2] |\n| 5 V | no |\n\n## Sources\n\n1. 12 V"
    )
    assert unaccounted(page) == ["Up to 45 °C.", "| 5 V | no |"]


def test_a_source_too_many_or_too_few_is_found() -> None:
    assert unmatched("a [1, 3]\n\n## Sources\n\n1. x\n2. y\n") == {2, 3}


def test_a_command_or_option_that_is_not_there_is_found() -> None:
    text = "`surefoot fly` and `surefoot record --wings` and `surefoot record --side left`\n"
    assert unknown_commands(text) == ["surefoot fly", "surefoot record --wings"]


def test_the_licences_are_the_published_texts() -> None:
    """Of the SPDX license list (spdx-license-list 6.12.0) and of creativecommons.org (in license-expression 30.4.4)."""
    for name, digest in LICENCES.items():
        assert hashlib.sha256((HARDWARE / name).read_bytes()).hexdigest() == digest


def test_ringing_enlarges_the_shock_as_the_table_says() -> None:
    rows = re.findall(r"^\| (\d+) Hz.*? \| (\d+) % \|", MOUNT, re.MULTILINE)
    assert [row[0] for row in rows] == ["150", "92", "66", "40"]
    for ring_hz, percent in rows:
        assert 100 * (1 / (1 - (20 / float(ring_hz)) ** 2) - 1) == pytest.approx(float(percent), abs=0.5)


def test_the_radio_is_below_the_limits_as_reckoned() -> None:
    """9 dBm is 10^0.9 mW, rounded to 8 as KDB 447498 wants it; 5 mm; 2.48 GHz."""
    value = re.search(r"this is 8 / 5 x ([\d.]+) = ([\d.]+),", SAFETY)
    assert value is not None
    assert round(10**0.9) == 8
    assert float(value[1]) == pytest.approx(2.48**0.5, abs=0.01)
    assert float(value[2]) == pytest.approx(8 / 5 * 2.48**0.5, abs=0.05)


def test_heat_and_energy_are_those_of_the_design() -> None:
    cells_wh = [
        part["capacity_mah"] * 3.7 / 1000
        for part in DESIGN["parts"].values()
        if part["role"] == "cell" and "capacity_mah" in part
    ]
    assert f"The cells here have {min(cells_wh):.1f} to {max(cells_wh):.1f} Wh" in SAFETY
    worn_ma = [DESIGN["parts"][build["board"]]["recording_ma"] for build in DESIGN["builds"].values() if build["worn"]]
    for current_ma in (max(worn_ma), min(worn_ma)):
        assert re.search(rf"at {current_ma:g} mA.{{0,80}}? {current_ma * 3.7 / 1000:.1f} W", SAFETY, re.IGNORECASE)


@pytest.mark.parametrize(
    ("part", "row"),
    [("xiao_esp32c3", "XIAO ESP32-C3"), ("xiao_esp32s3", "XIAO ESP32-S3"), ("lolin32_lite", "LOLIN32 Lite")],
)
def test_charge_currents_are_those_of_the_design(part: str, row: str) -> None:
    assert re.search(rf"^\| {row} \| {DESIGN['parts'][part]['charge_ma']} mA", SAFETY, re.MULTILINE)


def test_the_sensors_of_today_are_those_of_the_firmware() -> None:
    named = re.search(r"knows only sensors of ±16 g\*\*: ([^(]+) \(", SENSORS)
    assert named is not None
    assert named[1].split(", ") == [part.name for part in PARTS]


def test_the_template_and_the_page_have_the_same_place() -> None:
    assert "5 cm above the inner ankle bone" in MOUNT
    assert "8 to 10 cm higher" in MOUNT


@pytest.mark.parametrize("ring_hz", [45.0, 150.0])
def test_the_drawn_pod_rings_at_its_frequency_and_falls_to_a_tenth_in_four_swings(ring_hz: float) -> None:
    """Of a damped oscillation: frequency f sqrt(1 - z^2); n swings leave exp(-2 pi n z / sqrt(1 - z^2))."""
    time_ms, pod_g = mount_tap.tap(ring_hz, 0.3)
    after = pod_g[time_ms > mount_tap.TAP_MS + 3]
    spectrum = np.abs(np.fft.rfft(after, 1 << 16))
    assert np.fft.rfftfreq(1 << 16, 1e-3)[spectrum.argmax()] == pytest.approx(ring_hz, rel=0.03)
    swing = 1000 / ring_hz
    early, late = (np.abs(pod_g[(time_ms >= at) & (time_ms < at + 2 * swing)]).max() for at in (10, 10 + 4 * swing))
    assert late / early == pytest.approx(0.1, abs=0.03)
