"""The committed carrier board: nets, outline, spaces, what the fab gets, and that KiCad's report is of this very board.

Nothing here needs KiCad: the board itself is read back.
"""

import csv
import dataclasses
import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.generate.carrier import clearance, gerber, picture, rules, saved, sexpr
from hardware.generate.carrier.layout import Layout, Pad, Placed, Shape, Track, Via
from hardware.generate.design import HARDWARE, DesignError, load

ROOM = HARDWARE / "carrier"
BOARD = (ROOM / "carrier.kicad_pcb").read_text(encoding="utf-8")
TREE = sexpr.parse(BOARD, "carrier.kicad_pcb")
REPORT = (ROOM / "drc.rpt").read_text(encoding="utf-8")
DESIGN = load()
LAYERS = {
    "F_Cu": "Copper,L1,Top",
    "B_Cu": "Copper,L2,Bot",
    "F_Mask": "Soldermask,Top",
    "B_Mask": "Soldermask,Bot",
    "F_Silkscreen": "Legend,Top",
    "B_Silkscreen": "Legend,Bot",
    "F_Paste": "Paste,Top",
    "B_Paste": "Paste,Bot",
    "Edge_Cuts": "Profile,NP",
}


def fab(name: str) -> str:
    return (ROOM / "fab" / f"carrier-{name}").read_text(encoding="utf-8")


# Nets


def pins_of_the_design(build: str) -> dict[str, set[str]]:
    """What design.yaml joins on the board, without the package's own table: pins by name, the cell hangs on a plug."""
    nets = {net: {str(pin) for pin in pins if pin.ref != "BT1"} for net, pins in DESIGN.builds[build].nets.items()}
    for ref, net in {**DESIGN.carrier.test_points, **DESIGN.carrier.wire_pads}.items():
        nets[net].add(f"{ref}.1")
    return nets


# Pads of library footprints by their part's pins: KiCad's LED and diode have the cathode at pad 1; AO3400A data sheet:
# 1 gate, 2 source, 3 drain.
PIN_OF_PAD = {"D1.1": "D1.K", "D1.2": "D1.A", "D2.1": "D2.K", "D2.2": "D2.A"}
PIN_OF_PAD |= {"Q1.1": "Q1.G", "Q1.2": "Q1.S", "Q1.3": "Q1.D"}


@pytest.mark.parametrize("build", ["carrier-c3", "carrier-s3"])
def test_the_saved_board_joins_what_design_yaml_joins(build):
    on_board = {net: {PIN_OF_PAD.get(pad, pad) for pad in pads} for net, pads in saved.pad_nets(BOARD).items()}
    assert on_board == pins_of_the_design(build)


def test_the_copper_that_the_fab_gets_has_the_nets_of_the_saved_board():
    pads = gerber.read_gerber(fab("F_Cu.gbr"), "F_Cu").pad_nets | gerber.read_gerber(fab("B_Cu.gbr"), "B_Cu").pad_nets
    nets: dict[str, set[str]] = {}
    for ref, pad, net in pads:
        if ref and net not in ("", "unconnected"):
            nets.setdefault(net, set()).add(f"{ref}.{pad}")
    expected = {net: set(each) for net, each in saved.pad_nets(BOARD).items()}
    assert {net: nets.get(net) for net in expected} == expected


def drawn(layer: str, text: str) -> list[tuple[float, ...]]:
    """The lines of a copper file: ends in either order, and width."""
    strokes = gerber.read_gerber(text, layer).strokes
    ends = [(*sorted((x, -y) for x, y in stroke.points), stroke.width) for stroke in strokes]
    return sorted((round(a[0], 3), round(a[1], 3), round(b[0], 3), round(b[1], 3), width) for a, b, width in ends)


def saved_lines(face: str) -> list[tuple[float, ...]]:
    tracks = [(*sorted(track.points), track.width) for track in LAYOUT.tracks if track.face == face]
    return sorted((round(a[0], 3), round(a[1], 3), round(b[0], 3), round(b[1], 3), width) for a, b, width in tracks)


@pytest.mark.parametrize("face", ["F", "B"])
def test_the_copper_that_the_fab_gets_has_every_track_of_the_saved_board(face):
    """Its nets are written beside the pads; a track that is cut or moved shows in the lines alone."""
    text = fab(f"{face}_Cu.gbr")
    assert drawn(face, text) == saved_lines(face)


def test_a_track_missing_in_a_copper_file_is_noticed():
    tracks, region, pours = fab("F_Cu.gbr").partition("G36*")
    shorter, cuts = re.subn(r"^X\S+D01\*\n", "", tracks, count=1, flags=re.M)
    assert cuts == 1
    assert drawn("F", shorter + region + pours) != saved_lines("F")


def test_every_via_and_pad_is_flashed_on_its_faces():
    for face in ("F", "B"):
        patches = gerber.read_gerber(fab(f"{face}_Cu.gbr"), face).patches
        middles = {
            (round(sum(xs) / len(xs), 2), round(-sum(ys) / len(ys), 2))
            for xs, ys in (zip(*patch.points, strict=True) for patch in patches)
        }
        spots = [via.at for via in LAYOUT.vias]
        spots += [
            placed.spot(p.at) for placed in LAYOUT.placed for p in placed.shape.pads if p.plated and face in p.faces
        ]
        assert [at for at in spots if (round(at[0], 2), round(at[1], 2)) not in middles] == []


@pytest.mark.parametrize("face", ["F", "B"])
def test_solder_reaches_every_pad_and_paste_every_part(face):
    """An opening of the mask for each pad and hole; paste for each flat pad but those of jumpers and of touch pads."""
    pads = [(placed.ref, pad) for placed in LAYOUT.placed for pad in placed.shape.pads if face in pad.faces]
    pasted = [ref for ref, pad in pads if pad.drill is None and not ref.startswith(("JP", "TP", "B"))]
    assert len(gerber.read_gerber(fab(f"{face}_Mask.gbr"), "").patches) == len(pads)
    assert len(gerber.read_gerber(fab(f"{face}_Paste.gbr"), "").patches) == len(pasted)


def test_a_pad_on_another_net_is_noticed():
    text = re.sub(r'(\(pad "SDA".*?)\(net (\d+) "SDA"\)', r'\1(net 1 "GND")', BOARD, count=1, flags=re.S)
    assert text != BOARD
    assert saved.pad_nets(text) != saved.pad_nets(BOARD)


# KiCad's report


def test_the_report_is_of_this_board_and_finds_nothing():
    report = saved.read_report(REPORT)
    assert report.board == saved.hash_of(BOARD)
    assert report.faults == {}
    assert report.counts == {"DRC violations": 0, "unconnected pads": 0, "Footprint errors": 0}


def test_a_report_of_another_board_or_with_a_fault_or_cut_short_is_noticed():
    assert saved.read_report(REPORT).board != saved.hash_of(BOARD.replace("(width 0.2)", "(width 0.21)", 1))
    broken = REPORT.replace("** Found 0 DRC", "** Found 1 DRC") + "[track_dangling]: Track has unconnected end\n"
    assert saved.read_report(broken).faults == {"track_dangling": 1}
    assert saved.read_report(broken).counts["DRC violations"] == 1
    assert saved.read_report(REPORT[: REPORT.index("** Found 0 unconnected")]).counts["unconnected pads"] == -1


def test_nothing_carries_a_date_or_a_folder():
    texts = [REPORT, BOARD] + [path.read_text(encoding="utf-8") for path in (ROOM / "fab").iterdir()]
    for text in texts:
        assert not re.search(r"20\d\d-\d\d-\d\d|/tmp|/home|CreationDate|Created on", text)


# Spaces


def saved_layout() -> Layout:
    """The saved board's pads, tracks and vias, read from the board alone."""
    placed = []
    for footprint in sexpr.each(TREE, "footprint"):
        ref = next(text[2] for text in sexpr.each(footprint, "fp_text") if text[1] == "reference")
        x, y, *turn = sexpr.numbers(sexpr.first(footprint, "at"))
        pads, nets = [], {}
        for pad in sexpr.each(footprint, "pad"):
            number, kind, shape = sexpr.words(pad)[1:4]
            at = sexpr.numbers(sexpr.first(pad, "at"))[:2]
            size = sexpr.numbers(sexpr.first(pad, "size"))
            drill = [float(word) for word in sexpr.words(sexpr.first(pad, "drill")) if word != "oval"]
            face = "B" if "B.Cu" in sexpr.first(pad, "layers") else "F"
            faces = (face,) if kind == "smd" else ("F", "B")
            plated = "" if kind == "np_thru_hole" else number
            pads.append(Pad(plated, tuple(at), tuple(size), shape, (drill[0], drill[-1]) if drill else None, faces))
            if net := sexpr.first(pad, "net"):
                nets[number] = net[1]
        placed.append(Placed(ref, Shape("", tuple(pads)), (x, y), turn[0] if turn else 0.0, "", nets))
    tracks, vias = saved.tracks_and_vias(BOARD)
    return Layout((0, 0), 0, 1, tuple(placed), tracks, vias, (), (), ())


LAYOUT = saved_layout()


def test_copper_and_holes_keep_their_spaces_by_a_second_reckoning():
    assert len(LAYOUT.tracks) > 100
    assert clearance.faults(LAYOUT) == []


@pytest.mark.parametrize(
    "extra",
    [
        # between the pads 3V3 and D10 of the XIAO, 0.54 mm apart, a track of 0.2 mm leaves 0.17 mm
        {"tracks": (Track("SDA", "F", 0.2, ((9.77, 0.5), (9.77, 3.0))),)},
        {"tracks": (Track("GND", "F", 0.3, ((23.2, 8.44), (23.2, 10.98))),)},  # over the pads SCL and SDA
        {"vias": (Via("3V3", (47.45, 22.0)),)},  # beside the cell's plug
    ],
)
def test_copper_too_near_is_noticed(extra):
    broken = dataclasses.replace(LAYOUT, **{name: getattr(LAYOUT, name) + more for name, more in extra.items()})
    assert clearance.faults(broken)


def test_holes_too_near_are_noticed():
    at = LAYOUT.vias[0].at
    near = Via(LAYOUT.vias[0].net, (at[0] + 0.4, at[1]))  # 0.4 mm between centres of 0.3 mm holes leave 0.1 mm
    found = clearance.faults(dataclasses.replace(LAYOUT, vias=(*LAYOUT.vias, near)))
    assert any(fault.startswith("holes") and "0.100 mm" in fault for fault in found)


def test_distances_worked_out_by_hand():
    def copper(**facts):
        return clearance.Copper("N", ("F",), **facts)

    box = copper(start=(0, 0), end=(0, 0), half=(1, 0.5))
    assert clearance.distance(box, copper(start=(1.3, 0.9), end=(5, 5), radius=0.1)) == pytest.approx(0.5 - 0.1)
    assert clearance.distance(box, copper(start=(-2, 0), end=(2, 0))) == 0
    assert clearance.distance(box, copper(start=(0, 0.1), end=(0.1, 0.1))) == 0


def test_tracks_are_as_wide_as_the_rules_ask():
    assert min(track.width for track in LAYOUT.tracks) >= rules.TRACK
    for net in ("CELL+", "CELL_FUSED", "VBAT"):
        assert max(track.width for track in LAYOUT.tracks if track.net == net) == rules.POWER_WIDTH


def test_nothing_lies_below_the_antenna_plug():
    left, top, right, bottom = DESIGN.carrier.no_copper_mm
    spots = [spot for track in LAYOUT.tracks for spot in track.points] + [via.at for via in LAYOUT.vias]
    assert not [spot for spot in spots if left < spot[0] < right and top < spot[1] < bottom]
    for layer in ("F_Cu", "B_Cu"):
        for patch in gerber.read_gerber(fab(f"{layer}.gbr"), layer).patches:
            assert not [
                p for p in patch.points if left + 0.01 < p[0] < right - 0.01 and top + 0.01 < -p[1] < bottom - 0.01
            ]


# Outline, holes and bodies against design.yaml, from which the case is made


def test_the_outline_is_closed_rounded_and_as_large_as_design_yaml_says():
    line = picture.outline(gerber.read_gerber(fab("Edge_Cuts.gbr"), "Edge_Cuts"))
    width, height = DESIGN.carrier.size_mm
    assert (min(x for x, _ in line), max(x for x, _ in line)) == pytest.approx((0, width), abs=0.01)
    assert (min(-y for _, y in line), max(-y for _, y in line)) == pytest.approx((0, height), abs=0.01)
    radius = DESIGN.carrier.corner_radius_mm
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(line)) / 2
    assert abs(area) == pytest.approx(width * height - (4 - math.pi) * radius**2, abs=0.2)


def test_an_outline_with_a_gap_is_refused():
    edge = gerber.read_gerber(fab("Edge_Cuts.gbr"), "Edge_Cuts")
    edge.strokes.pop(3)
    with pytest.raises(DesignError, match="outline"):
        picture.outline(edge)


def test_the_holes_for_the_case_are_drilled_where_design_yaml_says():
    holes = {(hole.start[0], -hole.start[1], hole.diameter) for hole in gerber.read_drills(fab("NPTH.drl"), "NPTH")}
    assert holes == {(*hole.at_mm, hole.diameter_mm) for hole in DESIGN.carrier.holes.values()}


def test_the_plated_holes_are_those_of_the_saved_board():
    drilled = sorted((hole.start, hole.end) for hole in gerber.read_drills(fab("PTH.drl"), "PTH"))
    plated = [pad for placed in LAYOUT.placed for pad in placed.shape.pads if pad.drill and pad.number]
    switch_legs = 6
    assert len(drilled) == len(plated) + len(LAYOUT.vias)
    assert sum(start != end for start, end in drilled) == 2  # the slots below the XIAO's cell pads
    assert len([pad for placed in LAYOUT.placed if placed.ref == "S1" for pad in placed.shape.pads]) == switch_legs


@pytest.mark.parametrize("ref", ["U1", "U2", "S1", "SW1", "J1", "D1", "C2"])
def test_each_part_stands_in_the_room_that_the_case_leaves_it(ref):
    placed = next(placed for placed in LAYOUT.placed if placed.ref == ref)
    left, top, right, bottom = DESIGN.carrier.bodies[ref].box_mm
    x, y = placed.at
    assert left - 1 <= x <= right + 1
    assert top - 1 <= y <= bottom + 1


# Files for the fab


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_is_there_and_says_what_it_is(layer):
    assert gerber.read_gerber(fab(f"{layer}.gbr"), layer).function == LAYERS[layer]


@pytest.mark.parametrize("face", ["F", "B"])
def test_the_silk_holds_lines_and_no_dots(face):
    silk = gerber.read_gerber(fab(f"{face}_Silkscreen.gbr"), face)
    dots = [stroke for stroke in silk.strokes if stroke.points[0] == stroke.points[-1]]
    assert not silk.patches
    assert not [dot for dot in dots if (dot.points[0][0], -dot.points[0][1]) in {via.at for via in LAYOUT.vias}]


def test_no_file_is_missing_and_none_is_left_over():
    expected = {f"carrier-{layer}.gbr" for layer in LAYERS} | {"carrier-PTH.drl", "carrier-NPTH.drl"}
    assert {path.name for path in (ROOM / "fab").iterdir()} == expected


def test_a_gerber_file_cut_short_or_with_an_unknown_word_is_refused():
    text = fab("F_Mask.gbr")
    with pytest.raises(DesignError, match="no end"):
        gerber.read_gerber(text[:-20], "F_Mask")
    with pytest.raises(DesignError, match="LPC"):
        gerber.read_gerber(text.replace("%LPD*%", "%LPC*%", 1), "F_Mask")
    with pytest.raises(DesignError, match="not metric"):
        gerber.read_drills(fab("PTH.drl").replace("METRIC", "INCH"), "PTH")


def test_the_lists_name_every_part_once():
    with (ROOM / "bom_carrier.csv").open(encoding="utf-8", newline="") as file:
        refs = [ref for row in csv.DictReader(file) for ref in row["Designator"].split(",")]
    with (ROOM / "positions.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["Designator"]: row for row in csv.DictReader(file)}
    on_board = {placed.ref for placed in LAYOUT.placed} & DESIGN.builds["carrier-c3"].parts.keys()
    assert sorted(refs) == sorted(on_board - {"U1", "U2", "M1", "JP1", "JP2", "JP3"})
    assert rows.keys() == set(refs) - {"J1", "S1"}
    for placed in LAYOUT.placed:
        if placed.ref in rows:
            assert (float(rows[placed.ref]["Mid X"]), -float(rows[placed.ref]["Mid Y"])) == pytest.approx(placed.at)


def test_the_lists_are_right_where_a_machine_would_ruin_every_board():
    """By hand: the parts that have a wrong twin, and which way round they lie."""
    with (ROOM / "bom_carrier.csv").open(encoding="utf-8", newline="") as file:
        numbers = {row["Designator"]: row["Manufacturer Part Number"] for row in csv.DictReader(file)}
    assert numbers["Q1"] == "AO3400A"  # N-channel; AO3401A is its P-channel twin
    assert numbers["R1,R2"] == "RC0805FR-07220KL"
    assert numbers["J1"] == "B2B-PH-K-S"
    with (ROOM / "positions.csv").open(encoding="utf-8", newline="") as file:
        turned = {row["Designator"]: float(row["Rotation"]) for row in csv.DictReader(file)}
    assert turned == {placed.ref: placed.angle_deg % 360 for placed in LAYOUT.placed if placed.ref in turned}


def test_the_plus_of_the_plug_is_contact_2():
    """As KiCad numbers it, and as most cells are said to have it (there is no standard: SAFETY.md, source 6)."""
    nets = saved.pad_nets(BOARD)
    assert "J1.2" in nets["CELL+"]
    assert "J1.1" in nets["GND"]
    plus, minus = (next(p for p in LAYOUT.placed if p.ref == "J1").spot(at) for at in ((2.0, 0.0), (0.0, 0.0)))
    signs = {
        text[1]: sexpr.numbers(sexpr.first(text, "at"))[1] for text in sexpr.each(TREE, "gr_text") if text[1] in "+-"
    }
    assert plus[1] < minus[1]
    assert signs["+"] < signs["-"]  # on the silk, above and below the plug


def inside(box, body, slack=0.0):
    return all(box[i] >= body[i] - slack and box[i + 2] <= body[i + 2] + slack for i in (0, 1))


def library_bodies() -> dict[str, tuple[float, float, float, float]]:
    """The bodies that KiCad's library draws (layer Fab), as they lie on the saved board."""
    found = {}
    for footprint in sexpr.each(TREE, "footprint"):
        ref = next(text[2] for text in sexpr.each(footprint, "fp_text") if text[1] == "reference")
        placed = next(each for each in LAYOUT.placed if each.ref == ref)
        lines = [line for line in sexpr.each(footprint, "fp_line") if sexpr.first(line, "layer")[0] == "F.Fab"]
        spots = [
            placed.spot(tuple(sexpr.numbers(sexpr.first(line, end)))) for line in lines for end in ("start", "end")
        ]
        if spots:
            xs, ys = zip(*spots, strict=True)
            found[ref] = (min(xs), min(ys), max(xs), max(ys))
    return found


def test_each_part_lies_in_a_room_that_the_case_leaves():
    """To 0.45 mm, by which marks of contact 1 stand over; a lever is a body of its own, `lever of S1`."""
    bodies = DESIGN.carrier.bodies
    rooms = [body.box_mm for body in bodies.values()]
    lever, switch = bodies["lever of S1"].box_mm, bodies["S1"].box_mm
    rooms.append((switch[0], lever[1], switch[2], switch[3]))
    homeless = {ref for ref, box in library_bodies().items() if not any(inside(box, room, 0.45) for room in rooms)}
    assert homeless == set()


def test_nothing_stands_where_the_plug_comes_down():
    x, y, x2, y2 = DESIGN.carrier.bodies["plug of J1"].box_mm
    for name, body in DESIGN.carrier.bodies.items():
        a, b, a2, b2 = body.box_mm
        assert name in ("J1", "plug of J1") or a2 <= x or a >= x2 or b2 <= y or b >= y2, name


@pytest.mark.parametrize("name", ["carrier-front.png", "carrier-back.png"])
def test_there_is_a_picture_of_each_face(name):
    assert (ROOM / name).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


# S-expressions

words = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)
trees = st.recursive(words, lambda inner: st.lists(inner, max_size=4), max_leaves=20).filter(
    lambda t: isinstance(t, list)
)


def written(tree) -> str:
    if isinstance(tree, list):
        return "(" + " ".join(written(each) for each in tree) + ")"
    return '"' + tree.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(trees)
def test_an_s_expression_is_read_as_it_was_written(tree):
    assert sexpr.parse(written(tree), "x") == tree


@given(st.text(alphabet='()" ab\\', max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        assert isinstance(sexpr.parse(text, "x"), list)
    except DesignError as error:
        assert "S-expression" in str(error)
