"""The printed cases as committed: closed, thick enough, printable, and everything fits; broken ones are refused."""

from __future__ import annotations

import csv
import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from hardware.generate.case.fit import (
    antenna_free,
    carrier_parts,
    case_faults,
    cell_fits,
    crowded,
    fits_bed,
    lid_fits,
    overlap_mm3,
    plug_reaches,
    small_board_fits,
    strap_passes,
    under_the_windows,
    ways,
)
from hardware.generate.case.frame import Frame, frames
from hardware.generate.case.mesh_checks import occupied, overhangs, sharp_edges, sound, thin_by_erosion, thin_by_rays
from hardware.generate.case.on_purpose import bridges, sharp_on_purpose, spared_walls
from hardware.generate.design import HARDWARE, load

DESIGN = load()
FRAMES = frames(DESIGN)
STL = HARDWARE / "case" / "stl"
STEMS = sorted(path.stem for path in STL.glob("*.stl"))
UP = {
    "base": (1.0, 0.0, 0.0),
    "puck-base": (1.0, 0.0, 0.0),
    "plug": (1.0, 0.0, 0.0),
    "lid": (0.0, 0.0, -1.0),
    "puck-lid": (0.0, 0.0, -1.0),
}


@functools.cache
def mesh(stem: str) -> trimesh.Trimesh:
    return trimesh.load_mesh(STL / f"{stem}.stl")


def block(size: tuple[float, float, float], at: tuple[float, float, float] = (0, 0, 0)) -> trimesh.Trimesh:
    made = trimesh.creation.box(extents=size)
    made.apply_translation(at)
    return made


def bodies(name: str) -> dict[str, trimesh.Trimesh]:
    return {
        body: mesh(f"{name}-{body}") if (STL / f"{name}-{body}.stl").exists() else mesh(f"pod-{body}")
        for body in ("base", "lid")
    }


def puck() -> Frame:
    frame = FRAMES["lab"]
    assert frame.shell.puck_inner_mm is not None
    return replace(frame, shell=replace(frame.shell, inner_mm=frame.shell.puck_inner_mm))


@pytest.mark.parametrize("stem", STEMS)
def test_each_mesh_is_one_solid_that_prints_without_supports(stem: str) -> None:
    case, _, body = stem.partition("-")
    frame, found = puck() if body.startswith("puck") else FRAMES[case], mesh(stem)
    assert sound(found) == []
    assert fits_bed(found) == []
    assert overhangs(found, UP.get(body, (0.0, 0.0, 1.0)), bridges(frame, body)) == []
    if body != "plug":  # soft filament; its barbs are thin
        spared = spared_walls(frame, body)
        assert thin_by_rays(found, DESIGN.limits.wall_mm, spared) == []
        if stem != "lab-base":  # below
            assert thin_by_erosion(found, DESIGN.limits.wall_mm, spared) == []


def test_the_lab_base_is_the_pods_but_for_the_hole_of_the_cable() -> None:
    """So that what the erosion says of the one holds for the other."""
    pod, lab = mesh("pod-base"), mesh("lab-base")
    assert FRAMES["lab"].shell.outlet_mm is not None
    y, z = FRAMES["lab"].shell.outlet_mm
    hole = trimesh.boolean.difference([pod, lab], engine="manifold")
    room = block((4, 3.7, 3.7), (-FRAMES["lab"].end, y, z))
    assert hole.volume == pytest.approx(np.pi * 1.8**2 * DESIGN.case.form.wall_mm, rel=0.05)
    assert overlap_mm3(hole, room) == pytest.approx(hole.volume, abs=0.05)
    assert overlap_mm3(lab, pod) == pytest.approx(lab.volume, abs=0.5)


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_everything_fits(name: str) -> None:
    assert list(case_faults(DESIGN, FRAMES[name], bodies(name))) == []


def test_masses_are_those_of_the_meshes() -> None:
    with (HARDWARE / "case" / "masses.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        volume_cm3 = float(row["volume_cm3"])
        assert float(row["mass_g"]) == pytest.approx(volume_cm3 * float(row["density_g_cm3"]), abs=0.01)
        path = STL / f"{row['case']}-{row['body']}.stl"
        if path.exists():
            assert volume_cm3 == pytest.approx(mesh(path.stem).volume / 1000, rel=0.01, abs=0.01)
    assert {row["case"] for row in rows} == set(FRAMES)


def test_a_mesh_with_a_hole_or_two_bodies_or_inside_out_is_refused() -> None:
    good = block((10, 10, 10))
    assert sound(good) == []
    holed = good.copy()
    holed.update_faces(np.arange(len(holed.faces)) > 0)
    assert "a hole" in " ".join(sound(holed))
    assert "2 bodies" in " ".join(sound(trimesh.util.concatenate([good, block((2, 2, 2), (20, 0, 0))])))
    turned = good.copy()
    turned.invert()
    assert "inside out" in " ".join(sound(turned))


@pytest.mark.parametrize(
    ("thickness_mm", "rays", "erosion"), [(1.2, False, False), (1.1, True, False), (0.8, True, True)]
)
def test_a_thin_floor_is_found_by_both_methods(thickness_mm: float, rays: bool, erosion: bool) -> None:
    floor = block((30, 20, thickness_mm))
    assert bool(thin_by_rays(floor, 1.2)) is rays
    assert bool(thin_by_erosion(floor, 1.2)) is erosion
    everywhere = (-99.0, -99.0, -99.0, 99.0, 99.0, 99.0)
    assert thin_by_rays(floor, 1.2, (everywhere,)) == []


def test_a_thin_floor_of_the_case_is_found() -> None:
    frame, base = FRAMES["pod"], bodies("pod")["base"]
    pit = block((12, 12, 1.0), (20, 0, -0.05))
    dug = trimesh.boolean.difference([base, pit], engine="manifold")
    dug = trimesh.boolean.intersection([dug, block((24, 40, 60), (20, 0, 0))], engine="manifold")  # takes less time
    assert thin_by_rays(dug, 1.2, spared_walls(frame, "base"))
    assert thin_by_erosion(dug, 1.2, spared_walls(frame, "base"))


def test_the_grid_holds_the_volume_of_the_mesh() -> None:
    ball = trimesh.creation.icosphere(subdivisions=4, radius=5)
    solid, _ = occupied(ball, 0.2)
    assert solid.sum() * 0.2**3 == pytest.approx(4 / 3 * np.pi * 125, rel=0.01)


def test_an_overhang_is_refused_and_a_slope_of_45_degrees_is_not() -> None:
    table = trimesh.boolean.union([block((4, 4, 10)), block((20, 4, 2), (0, 0, 6))], engine="manifold")
    assert overhangs(table, (0, 0, 1))
    cone = trimesh.creation.cone(radius=5, height=5, sections=64)
    assert overhangs(cone, (0, 0, -1)) == []
    flat = trimesh.creation.cone(radius=8, height=5, sections=64)
    assert overhangs(flat, (0, 0, -1))


def test_a_base_printed_lying_would_need_supports() -> None:
    assert overhangs(bodies("pod")["base"], (0, 0, 1), bridges(FRAMES["pod"], "base"))


def test_a_longer_cell_is_refused() -> None:
    frame = FRAMES["pod"]
    size = DESIGN.parts[frame.shell.cell].size_mm
    assert size is not None
    assert cell_fits(frame, size) == []
    assert "along" in cell_fits(frame, (size[0] + 2, size[1], size[2]))[0]
    assert "outward" in cell_fits(frame, (size[0], size[1], size[2] + 0.3))[0]


def test_parts_in_each_other_or_in_a_wall_are_refused() -> None:
    frame = FRAMES["pod"]
    parts, printed = ways(frame)["carrier"], list(bodies("pod").values())
    x, y, z, x2, y2, z2 = parts["cell"]
    assert "with the case" in crowded(frame, printed, {"cell": (x - 2, y, z, x2 - 2, y2, z2)})[0]
    assert "XIAO" in crowded(frame, [], parts | {"cell": (x, y, z - 4, x2, y2, z2)})[0]


@pytest.mark.parametrize(("gap_mm", "told"), [(0.1, "touches"), (0.2, ""), (0.5, "still free")])
def test_a_lid_too_narrow_or_too_wide_is_refused(gap_mm: float, told: str) -> None:
    base = block((20, 10, 10))
    hollow = block((20 + 2 * gap_mm, 10 + 2 * gap_mm, 4), (0, 0, 3))
    lid = trimesh.boolean.difference([block((24, 14, 4), (0, 0, 4)), hollow], engine="manifold")
    faults = lid_fits(base, lid)
    assert (told in " ".join(faults)) if told else faults == []


def test_a_lid_of_another_case_is_refused() -> None:
    assert lid_fits(bodies("pod")["base"], bodies("lolin")["lid"])


def test_a_shifted_or_thick_strap_and_a_lost_bar_are_refused() -> None:
    frame, base = FRAMES["pod"], bodies("pod")["base"]
    assert strap_passes(frame, base) == []
    moved = replace(frame, shell=replace(frame.shell, strap_x_mm=frame.shell.strap_x_mm + 1.5))
    assert "meets" in strap_passes(moved, base)[0]
    thick = replace(frame, strap=replace(frame.strap, thickness_mm=3.0))
    assert "meets" in " ".join(strap_passes(thick, base))
    cut = trimesh.boolean.difference([base, block((99, 4, 99), (0, frame.wing - 1, 0))], engine="manifold")
    assert "no bar" in " ".join(strap_passes(frame, cut))


def test_a_thicker_plug_and_a_moved_socket_are_refused() -> None:
    frame, base = FRAMES["pod"], bodies("pod")["base"]
    y, z = frame.shell.usb_mm
    assert plug_reaches(replace(frame, form=replace(frame.form, usb_plug_mm=(13.5, 6.5))), base)
    assert plug_reaches(replace(frame, shell=replace(frame.shell, usb_mm=(y + 1, z))), base)


def test_an_antenna_over_the_cell_or_near_the_skin_is_refused() -> None:
    frame = FRAMES["pod"]
    assert antenna_free(frame, frame.shell.parts) == []
    x, y, z, x2, y2, z2 = frame.shell.parts["antenna"]
    for box, told in (((x - 9, y, z, x2 - 9, y2, z2), "the cell"), ((x, y, z - 6, x2, y2, z2 - 6), "the skin")):
        parts = frame.shell.parts | {"antenna": box}
        assert told in " ".join(antenna_free(replace(frame, shell=replace(frame.shell, parts=parts)), parts))


def closed(*stems: trimesh.Trimesh) -> trimesh.Trimesh:
    return trimesh.util.concatenate(stems)


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_nothing_that_is_touched_is_sharp(name: str) -> None:
    assert sharp_edges(closed(*bodies(name).values()), sharp_on_purpose(FRAMES[name])) == []


def test_nothing_of_the_puck_is_sharp_but_where_its_cable_comes_out() -> None:
    both = closed(mesh("lab-puck-base"), mesh("lab-puck-lid"))
    assert sharp_edges(both, spared_walls(puck(), "puck-lid")) == []
    assert sharp_edges(both)


def test_a_sharp_edge_is_refused_and_a_round_one_or_one_inside_is_not() -> None:
    assert "12 mm" in sharp_edges(block((12, 12, 12)))[0].replace("12.0", "12")
    assert sharp_edges(trimesh.creation.capsule(height=10, radius=4)) == []
    wall = closed(trimesh.creation.icosphere(subdivisions=3, radius=40), block((12, 12, 12)))
    assert sharp_edges(wall) == []
    frame, case = FRAMES["pod"], bodies("pod")
    end = block((4, 60, 60), (-frame.end - 1.5, 0, 0))  # takes the round off the end with the USB opening
    cut = trimesh.boolean.difference([case["base"], end], engine="manifold")
    assert sharp_edges(closed(cut, case["lid"]), sharp_on_purpose(frame))


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_a_small_board_with_a_strip_or_a_hole_more_is_refused(name: str) -> None:
    frame, board = FRAMES[name], DESIGN.small_board
    assert small_board_fits(frame, board.size_mm) == []
    assert "wide" in small_board_fits(frame, replace(board, strips=6).size_mm)[0]
    assert "long" in small_board_fits(frame, replace(board, holes=10).size_mm)[0]
    assert "high" in small_board_fits(frame, replace(board, thickness_mm=1.6).size_mm)[0]


def test_light_and_button_lie_under_their_thin_spots_and_a_moved_one_is_told() -> None:
    frame = FRAMES["pod"]
    found = carrier_parts(DESIGN.carrier, frame)
    light, button = found["D1"], found["plunger of SW1"]
    assert under_the_windows(frame, light, button) == []
    moved = (light[0] - 2, *light[1:3], light[3] - 2, *light[4:])
    assert under_the_windows(frame, moved, button) == ["pod: the light is 2.0 mm off"]
    pushed = (*button[:1], button[1] + 1.2, *button[2:4], button[4] + 1.2, button[5])
    assert "button" in under_the_windows(frame, light, pushed)[0]
    dark = replace(frame, shell=replace(frame.shell, led_mm=None))
    assert under_the_windows(dark, light, button) == ["pod: the light is under no spot"]


def test_the_thin_spots_of_the_lid_are_where_the_design_says() -> None:
    """0.6 mm over the light; beside it the plate's 1.2 mm."""
    frame, lid = FRAMES["pod"], bodies("pod")["lid"]
    assert frame.shell.led_mm is not None
    x, y = frame.shell.led_mm
    for at, thick_mm in ((x, 0.6), (x + 2.2, 1.2)):
        hits = lid.ray.intersects_location([[at, y, -60.0]], [[0.0, 0.0, 1.0]])[0]
        assert np.ptp(hits[:, 2]) == pytest.approx(thick_mm, abs=0.02)


def test_a_carrier_board_of_another_thickness_and_a_plug_at_the_antenna_are_refused() -> None:
    thick = replace(DESIGN, carrier=replace(DESIGN.carrier, thickness_mm=1.6))
    assert "1.6 mm thick" in " ".join(case_faults(thick, FRAMES["pod"], bodies("pod")))
    plug = DESIGN.carrier.bodies["plug of J1"]
    nearer = replace(plug, box_mm=(45.9, 9.0, 50.4, 16.0), z_mm=(6.0, 10.5))
    near = replace(DESIGN, carrier=replace(DESIGN.carrier, bodies=DESIGN.carrier.bodies | {"plug of J1": nearer}))
    assert "the antenna is" in " ".join(case_faults(near, FRAMES["pod"], bodies("pod")))


def test_on_wires_and_with_the_carrier_board_no_part_is_forgotten() -> None:
    found = ways(FRAMES["pod"])
    assert {"sensor on wires", "small board", "light on wires"} <= set(found["wires"])
    assert not {"sensor on wires", "small board", "light on wires"} & set(found["carrier"])
    assert set(found["wires"]) | set(found["carrier"]) == set(FRAMES["pod"].shell.parts)


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_under_a_screw_of_the_board_the_floor_is_as_thick_as_a_wall(name: str) -> None:
    """From the outside up into the hole, in its middle."""
    for x, y in FRAMES[name].shell.pilots:
        hits = bodies(name)["base"].ray.intersects_location([[x, y, -60.0]], [[0.0, 0.0, 1.0]])[0]
        assert np.ptp(np.sort(hits[:, 2])[:2]) >= DESIGN.limits.wall_mm


def test_the_floor_follows_the_shin() -> None:
    base = bodies("pod")["base"]
    # a circle of 150 mm, 1.2 mm under the floor: z = -1.2 - 150 + sqrt(22500 - 100) at y = 10
    hit = base.ray.intersects_location([[20.0, 10.0, -30.0]], [[0.0, 0.0, 1.0]], multiple_hits=False)[0]
    assert hit[0][2] == pytest.approx(-1.5337, abs=0.05)


def test_every_picture_is_there() -> None:
    for name in ("pod-closed", "pod-exploded", "pod-inside", "pod-section", "pod-print", "lolin-inside", "lab-puck"):
        assert (HARDWARE / "case" / "png" / f"{name}.png").stat().st_size > 5000
    assert sum(path.stat().st_size for path in Path(HARDWARE / "case").rglob("*.st*") if path.is_file()) < 6_000_000
