"""The pictures of the assembly: the wires drawn are the nets, and none of them misleads."""

from __future__ import annotations

import dataclasses
import itertools
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from hardware.generate import compare, steps, wiring
from hardware.generate.design import HARDWARE, Build, Design, DesignError, Pin, load
from hardware.generate.harness import ON_SMALL_BOARD, SMALL_BOARD, Harness, Join, harness, nets_of
from hardware.generate.steps_carrier import carrier_steps
from hardware.generate.top_view import STRIP_MM, Scene, scene

DOCUMENT = yaml.safe_load((HARDWARE / "design.yaml").read_text(encoding="utf-8"))
BUILDS = [name for name, build in DOCUMENT["builds"].items() if build["way"] != "carrier"]
PICTURES = HARDWARE / "assembly" / "pictures"
GUIDES = {
    "xiao-c3": "xiao",
    "xiao-s3": "xiao",
    "lab-s3": "lab",
    "lolin32-lite": "lolin32-lite",
    "esp32-devkitc": "esp32-devkitc",
    "carrier": "carrier",
}


@pytest.fixture(scope="module")
def design() -> Design:
    return load()


def scene_of(design: Design, name: str) -> tuple[Build, Scene]:
    build = design.builds[name]
    return build, scene(design, build, harness(design, build))


def place_at(design: Design, build: Build, view: Scene, x_mm: float, y_mm: float) -> str:
    """What lies at a point of the picture: REF.PIN, or SB.NET; strips by where their copper is drawn."""
    board = view.placed[SMALL_BOARD]
    if board.left_mm <= x_mm <= board.right_mm and abs(y_mm - board.y_mm) <= board.look.height_mm / 2:
        nets = [net for net in STRIP_ORDER if net in build.nets]
        return f"SB.{nets[int((x_mm - board.left_mm) / STRIP_MM)]}"
    near = [
        (abs(part.x_mm + pad.x_mm - x_mm) + abs(part.y_mm + pad.y_mm - y_mm), f"{part.ref}.{pad.name}")
        for part in view.placed.values()
        for pad in part.look.pads
    ]
    distance_mm, name = min(near)
    assert distance_mm < 0.5, "a wire ends on no pin"
    return name


# From left to right on the small board; small-board.md says the same.
STRIP_ORDER = ["VBAT", "VBAT_SENSE", "GND", "3V3", "BUTTON"]


@pytest.mark.parametrize("name", BUILDS)
def test_the_wires_that_are_drawn_are_the_nets(design: Design, name: str) -> None:
    """By where each line ends in the picture, not by what it is called."""
    build, view = scene_of(design, name)
    wanted = {frozenset(pins) for pins in DOCUMENT["builds"][name]["nets"].values()}
    groups = [{f"SB.{net}"} for net in STRIP_ORDER if net in build.nets]
    small = {ref for ref, part in build.parts.items() if part in ON_SMALL_BOARD}
    for group, net in zip(groups, [net for net in STRIP_ORDER if net in build.nets], strict=True):
        group |= {pin for pin in DOCUMENT["builds"][name]["nets"][net] if pin.split(".")[0] in small}
    joins = [
        {place_at(design, build, view, *path.points[0]), place_at(design, build, view, *path.points[-1])}
        for path in view.paths
    ]
    if Pin("U1", "BAT-") in build.nets["GND"]:
        joins.append({"U1.BAT-", "U1.GND"})  # the board joins them
    for join in joins:
        touched = [group for group in groups if group & join]
        groups = [group for group in groups if group not in touched] + [join.union(*touched)]
    assert {frozenset(pin for pin in group if not pin.startswith("SB.")) for group in groups} == wanted


@pytest.mark.parametrize("name", BUILDS)
def test_no_wire_passes_over_a_pin_that_is_not_its_own(design: Design, name: str) -> None:
    _, view = scene_of(design, name)
    for path in view.paths:
        own = {str(path.wire.start), str(path.wire.end)}
        for (x0, y0), (x1, y1) in itertools.pairwise(path.points):
            for part in view.placed.values():
                for pad in part.look.pads:
                    x, y = part.x_mm + pad.x_mm, part.y_mm + pad.y_mm
                    passes = min(x0, x1) - 0.5 < x < max(x0, x1) + 0.5 and min(y0, y1) - 0.5 < y < max(y0, y1) + 0.5
                    same_name = {f"{part.ref}.{pad.name}"} <= own
                    assert not passes or same_name or pad.under, (path.wire, part.ref, pad.name)


@pytest.mark.parametrize("name", BUILDS)
def test_no_wire_lies_on_another(design: Design, name: str) -> None:
    """But a bridge on a part may begin where a wire of the same pin does."""
    _, view = scene_of(design, name)
    for one, other in itertools.combinations(view.paths, 2):
        shared = {one.wire.start, one.wire.end} & {other.wire.start, other.wire.end}
        if shared and 1 in (len(one.wire.refs), len(other.wire.refs)):
            continue
        for (a, b), (c, d) in itertools.product(itertools.pairwise(one.points), itertools.pairwise(other.points)):
            for axis in (0, 1):  # 0: upright pieces share their x, 1: level pieces share their y
                upright = a[axis] == b[axis] and c[axis] == d[axis] and abs(a[axis] - c[axis]) < 0.45
                low = max(min(a[1 - axis], b[1 - axis]), min(c[1 - axis], d[1 - axis]))
                high = min(max(a[1 - axis], b[1 - axis]), max(c[1 - axis], d[1 - axis]))
                assert not (upright and high - low > 0.3), (one.wire, other.wire)


@pytest.mark.parametrize("name", BUILDS)
def test_every_wire_is_soldered_in_one_step_and_the_cell_comes_last(design: Design, name: str) -> None:
    build = design.builds[name]
    made = harness(design, build)
    plan = steps.steps(build, made)
    soldered = [wire for step in plan for wire in step.wires]
    assert sorted(map(str, soldered)) == sorted(map(str, made.wires))
    assert plan[0].wires == ()
    assert [step.name for step in plan][-1] == "cell"
    for step in plan[:-1]:
        assert not {"BT1", "S1"} & {ref for wire in step.wires for ref in wire.refs}


@pytest.mark.parametrize("name", BUILDS)
def test_the_committed_pictures_are_those_that_are_made(design: Design, name: str) -> None:
    made = steps.pictures(design, design.builds[name])
    assert {path.stem for path in PICTURES.glob(f"{name}-*.svg")} == set(made)
    for file, svg in made.items():
        assert (PICTURES / f"{file}.svg").read_text(encoding="utf-8") == svg


def test_every_picture_is_there_as_svg_and_as_png_of_its_size() -> None:
    svgs = sorted(PICTURES.glob("*.svg"))
    assert {path.stem for path in svgs} == {path.stem for path in PICTURES.glob("*.png")}
    for path in svgs:
        size = re.search(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"', path.read_text(encoding="utf-8"))
        assert size is not None
        header = path.with_suffix(".png").read_bytes()[:24]
        assert header[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", header[16:24])
        assert (width, height) == pytest.approx((float(size[1]), float(size[2])), abs=1.0)


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_shows_every_step_in_order(design: Design, name: str) -> None:
    page = (HARDWARE / "assembly" / f"{GUIDES[name]}.md").read_text(encoding="utf-8")
    shown = re.findall(rf"\(pictures/({name}-[^)]*)\.png\)", page)
    drawn = sorted(path.stem for path in PICTURES.glob(f"{name}-*.svg"))
    assert shown == sorted(shown, key=drawn.index)
    left_out = {f"{name}-2-sensor"} if name == "xiao-s3" else set()  # the same as for the C3
    assert set(shown) == set(drawn) - left_out


@pytest.mark.parametrize("name", sorted(set(GUIDES.values())))
def test_a_guide_ends_with_bring_up_and_case(name: str) -> None:
    page = (HARDWARE / "assembly" / f"{name}.md").read_text(encoding="utf-8")
    end = page.partition("## Measure, flash")[2]
    places = [end.index(word) for word in ("bring-up.md", "surefoot flash --board")]
    assert places == sorted(places)
    assert ("case-and-strap.md" in end) == (name != "esp32-devkitc")
    assert page.index("SAFETY.md") < page.index("pictures/")


def test_bring_up_measures_before_it_flashes_and_tests_before_it_wears() -> None:
    page = (HARDWARE / "assembly" / "bring-up.md").read_text(encoding="utf-8")
    words = ("#before-power", "#first-power", "surefoot flash", "surefoot selftest", "case-and-strap.md")
    places = [page.index(word, page.index("## 1")) for word in words]
    assert places == sorted(places)


def test_every_part_of_the_carrier_board_comes_in_one_step(design: Design) -> None:
    soldered = [ref for step in carrier_steps(design) if step.name != "jumpers-s3" for ref in step.refs]
    parts = set(DOCUMENT["builds"]["carrier-c3"]["parts"]) - {"BT1"}  # plugged in
    assert sorted(soldered) == sorted(parts)
    bridges = {step.name: step.bridges for step in carrier_steps(design) if step.bridges}
    assert bridges["jumpers-c3"] == (("JP1", "1", "2"), ("JP2", "1", "2"), ("JP3", "1", "2"))
    assert bridges["jumpers-s3"] == (("JP1", "2", "3"), ("JP2", "2", "3"), ("JP3", "2", "3"))
    assert carrier_steps(design)[-1].refs == ("F1",)  # the link that is closed when the cell's polarity is measured


def test_the_small_board_page_names_the_strips_and_the_resistors_of_the_design() -> None:
    """Readings are the nominal value and its tolerance: 220 kOhm 1 %, two in a row, 100 kOhm 5 %."""
    page = (HARDWARE / "assembly" / "small-board.md").read_text(encoding="utf-8")
    assert "VBAT, VBAT_SENSE, GND, 3V3, BUTTON. From" in page
    for nominal, tolerance, text in (
        (220, 0.01, "218 to 222"),
        (440, 0.01, "436 to 444"),
        (100, 0.05, "95 to 105"),
    ):
        low, high = map(float, text.split(" to "))
        assert low == pytest.approx(nominal * (1 - tolerance), abs=0.5)
        assert high == pytest.approx(nominal * (1 + tolerance), abs=0.5)
        assert f"{text} kΩ" in page
    whats = {part: DOCUMENT["parts"][part]["what"] for part in ("r220k", "r100k")}
    assert whats["r220k"].endswith("220 kOhm 1 %")
    assert whats["r100k"].endswith("100 kOhm 5 %")


def test_the_small_board_is_as_large_as_the_page_and_the_pictures_say(design: Design) -> None:
    """5 and 9 times 2.54 mm; 1 mm and the 1.8 mm that a 1206 of 1.6 +- 0.2 mm may be high."""
    assert design.small_board.size_mm == pytest.approx((12.7, 22.86, 2.8))
    page = (HARDWARE / "assembly" / "small-board.md").read_text(encoding="utf-8")
    assert "5 strips of 9 holes: 12.7 x 22.9 mm" in page
    for name in BUILDS:
        build, view = scene_of(design, name)
        look = view.placed[SMALL_BOARD].look
        assert (look.width_mm / STRIP_MM, look.height_mm / STRIP_MM) == pytest.approx((5, 9))
        made = harness(design, build)
        for strip in made.strips:  # each wire in a hole of its own
            assert sum(strip.joint in (wire.start, wire.end) for wire in made.wires) <= design.small_board.holes


def test_the_wire_that_is_bought_is_enough(design: Design) -> None:
    """As the parts list says: 1 m a pod, 0.4 m more for the lab's, 3 m for the bench, where the motor module stays."""
    supplies = DOCUMENT["supplies"]
    assert supplies["wire"]["what"].startswith("1 m of") and "3 m for the bench" in supplies["wire"]["what"]
    assert supplies["wire_to_puck"]["what"].startswith("0.4 m more") and supplies["wire_to_puck"]["ways"] == ["lab"]
    for name in BUILDS:
        build = design.builds[name]
        worn = [wire for wire in harness(design, build).wires if not (build.worn and "M1" in wire.refs)]
        bought_mm = {"lab": 1400, "modules": 1000}[build.way] if build.worn else 3000
        assert sum(wire.length_mm for wire in worn) <= bought_mm


def test_a_small_board_with_too_few_strips_is_refused(design: Design) -> None:
    narrow = dataclasses.replace(design, small_board=dataclasses.replace(design.small_board, strips=4))
    with pytest.raises(DesignError, match="too few strips"):
        harness(narrow, narrow.builds["xiao-c3"])


@pytest.mark.parametrize("name", ["xiao-c3", "esp32-devkitc"])
def test_the_resistor_hangs_on_the_longer_leg_of_the_light(design: Design, name: str) -> None:
    """In a step of its own, before the light is wired; 1 kOhm from the pin, then the light, then ground."""
    build = design.builds[name]
    plan = {step.name: step for step in steps.steps(build, harness(design, build))}
    (joint,) = plan["resistor"].wires
    assert {joint.start, joint.end} == {Pin("R4", "2"), Pin("D1", "A")}
    ends = {pin for wire in plan["light"].wires for pin in (wire.start, wire.end)}
    assert {Pin("R4", "1"), Pin("D1", "K")} < ends
    assert list(plan).index("resistor") + 1 == list(plan).index("light")
    assert "leg on leg, no wire" in steps.pictures(design, build)[f"{name}-{list(plan).index('resistor') + 1}-resistor"]


def test_a_wire_that_ends_elsewhere_is_found(design: Design) -> None:
    """SDA drawn to the pin beside it: the check by places must see it."""
    build, view = scene_of(design, "xiao-c3")
    path = next(path for path in view.paths if path.wire.net == "SDA")
    (x, y), moved_mm = path.points[-1], 2.54
    assert place_at(design, build, view, x, y) == "U2.SDA"
    assert place_at(design, build, view, x - moved_mm, y) == "U2.SCL"
    with pytest.raises(AssertionError, match="a wire ends on no pin"):
        place_at(design, build, view, x + moved_mm / 2, y + 0.2)


def test_a_harness_that_does_not_make_the_nets_is_refused(design: Design) -> None:
    """A cell that hangs on two nets at once cannot come out of the tree of wires."""
    build = design.builds["xiao-c3"]
    made = harness(design, build)
    wanted = {frozenset(pins) for pins in build.nets.values()}
    assert nets_of(made) == wanted
    assert nets_of(dataclasses.replace(made, wires=made.wires[1:])) != wanted
    crossed = dataclasses.replace(made.wires[0], end=Pin("U1", "3V3"))
    assert nets_of(dataclasses.replace(made, wires=(*made.wires, crossed))) != wanted


def test_the_guides_name_the_charge_currents_of_the_design() -> None:
    charge_ma = {
        board: DOCUMENT["parts"][board]["charge_ma"] for board in ("xiao_esp32s3", "xiao_esp32c3", "lolin32_lite")
    }
    xiao, lolin = (
        " ".join((HARDWARE / "assembly" / f"{name}.md").read_text(encoding="utf-8").split())
        for name in ("xiao", "lolin32-lite")
    )
    assert (
        f"| charges with | {charge_ma['xiao_esp32s3']} mA | {charge_ma['xiao_esp32c3']} mA: no cell below 400 mAh"
        in xiao
    )
    assert f"It charges with {charge_ma['lolin32_lite']} mA: no cell below {charge_ma['lolin32_lite']} mAh" in lolin


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda ends: ends[0] != ends[1]), max_size=14))
def test_what_wires_join_is_what_a_graph_says(ends: list[tuple[int, int]]) -> None:
    """Against the connected components of scipy."""
    pins = [Pin("X1", str(number)) for number in range(12)]
    wires = tuple(Join("GND", pins[one], pins[other], "BK", 50) for one, other in ends)
    used = sorted({end for pair in ends for end in pair})
    matrix = np.zeros((12, 12))
    for one, other in ends:
        matrix[one, other] = 1
    _, labels = connected_components(matrix, directed=False)
    groups = {frozenset(pins[pin] for pin in used if labels[pin] == label) for label in labels[used]}
    assert nets_of(Harness((), wires, ())) == groups


@pytest.mark.tools
def test_remade_pictures_and_diagrams_are_those_that_are_committed(design: Design, tmp_path: Path) -> None:
    steps.make(design, tmp_path)
    wiring.make(design, tmp_path)
    assert steps.differs(tmp_path, HARDWARE) == []
    assert wiring.differs(tmp_path, HARDWARE) == []


@pytest.mark.tools
def test_a_picture_without_a_wire_is_found(design: Design, tmp_path: Path) -> None:
    """Another step in place of this one: the words and the pixels differ."""
    steps.make(design, tmp_path)
    room = tmp_path / steps.ROOM[0]
    (room / "xiao-c3-4-sensor-cable.png").write_bytes((room / "xiao-c3-3-board.png").read_bytes())
    (room / "xiao-c3-5-button.svg").write_bytes((room / "xiao-s3-5-button.svg").read_bytes())
    (room / "extra.svg").write_text("<svg/>", encoding="utf-8")
    found = " ".join(steps.differs(tmp_path, HARDWARE))
    assert "xiao-c3-4-sensor-cable.png differs" in found
    assert "xiao-c3-5-button.svg differs" in found
    assert "extra.svg is not committed" in found


@pytest.mark.tools
def test_pixels_that_differ_are_counted(tmp_path: Path) -> None:
    """A white picture of 100 x 100 with a black square of 20 x 20: 4 %; of another size: all."""
    from PIL import Image

    white, marked = Image.new("RGB", (100, 100), "white"), Image.new("RGB", (100, 100), "white")
    marked.paste("black", (0, 0, 20, 20))
    for picture, name in ((white, "a"), (marked, "b"), (white.resize((99, 100)), "c")):
        picture.save(tmp_path / f"{name}.png")
    assert compare.pixels_differ(tmp_path / "a.png", tmp_path / "a.png") == 0
    assert compare.pixels_differ(tmp_path / "a.png", tmp_path / "b.png") == pytest.approx(0.04)
    assert compare.pixels_differ(tmp_path / "a.png", tmp_path / "c.png") == 1
