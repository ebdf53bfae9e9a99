"""The printed cases as committed: closed, thick enough, printable, and everything fits; broken ones are refused."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from hardware.generate.case.fit import (
    antenna_free,
    bridges,
    case_faults,
    cell_fits,
    crowded,
    fits_bed,
    lid_fits,
    plug_reaches,
    spared_walls,
    strap_passes,
)
from hardware.generate.case.frame import frames
from hardware.generate.case.mesh_checks import occupied, overhangs, sound, thin_by_erosion, thin_by_rays
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


@pytest.mark.parametrize("stem", STEMS)
def test_each_mesh_is_one_solid_that_prints_without_supports(stem: str) -> None:
    case, _, body = stem.partition("-")
    frame, found = FRAMES[case], mesh(stem)
    if body.startswith("puck"):
        assert frame.shell.puck_inner_mm is not None
        frame = replace(frame, shell=replace(frame.shell, inner_mm=frame.shell.puck_inner_mm))
    assert sound(found) == []
    assert fits_bed(found) == []
    assert overhangs(found, UP.get(body, (0.0, 0.0, 1.0)), bridges(frame, body)) == []
    if body != "plug":  # soft filament; its barbs are thin
        spared = spared_walls(frame, body)
        assert thin_by_rays(found, DESIGN.limits.wall_mm, spared) == []
        if stem != "lab-base":  # the pod's with one more hole; the grid takes its time
            assert thin_by_erosion(found, DESIGN.limits.wall_mm, spared) == []


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
    parts, printed = frame.shell.parts, list(bodies("pod").values())
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


def test_the_floor_follows_the_shin() -> None:
    base = bodies("pod")["base"]
    # a circle of 60 mm, 1.2 mm under the floor: z = -1.2 - 60 + sqrt(3600 - 100) at y = 10
    hit = base.ray.intersects_location([[20.0, 10.0, -30.0]], [[0.0, 0.0, 1.0]], multiple_hits=False)[0]
    assert hit[0][2] == pytest.approx(-2.0392, abs=0.05)


def test_every_picture_is_there() -> None:
    for name in ("pod-closed", "pod-exploded", "pod-inside", "pod-section", "pod-print", "lolin-inside", "lab-puck"):
        assert (HARDWARE / "case" / "png" / f"{name}.png").stat().st_size > 5000
    assert sum(path.stat().st_size for path in Path(HARDWARE / "case").rglob("*.st*") if path.is_file()) < 6_000_000
