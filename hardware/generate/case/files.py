"""What is printed for each case, and the files for it: STEP to change it, STL to print it, and a table of masses."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardware.generate.case.frame import Frame, frames
from hardware.generate.design import Design

if TYPE_CHECKING:
    from build123d import Part

CHORD = 0.01  # mm between mesh and shape
ANGLE = 0.4  # rad between neighbouring facets


@dataclass(frozen=True)
class Body:
    """A printed or cut body of a case, and its material as `shapes.Materials` names it."""

    case: str
    name: str
    material: str

    @property
    def stem(self) -> str:
        """Name of its files."""
        return f"{self.case}-{self.name}"


BODIES = (
    Body("pod", "base", "asa"),
    Body("pod", "lid", "asa"),
    Body("pod", "tray", "asa"),
    Body("pod", "pad", "foam"),
    Body("pod", "plug", "tpu"),
    Body("lolin", "base", "asa"),
    Body("lolin", "lid", "asa"),
    Body("lolin", "pad", "foam"),
    Body("lab", "base", "asa"),
    Body("lab", "tray", "asa"),
    Body("lab", "puck-base", "asa"),
    Body("lab", "puck-lid", "asa"),
)
SHARED = {"lolin": ("plug",), "lab": ("lid", "pad", "plug")}  # taken over from the pod


def shape(design: Design, body: Body) -> Part:
    """Return the shape of a body, where it sits in its case."""
    from hardware.generate.case.base import base
    from hardware.generate.case.extras import pad, plug, puck_base, puck_lid, tray
    from hardware.generate.case.lid import lid

    makers = {"base": base, "lid": lid, "tray": tray, "pad": pad, "plug": plug}
    makers |= {"puck-base": puck_base, "puck-lid": puck_lid}
    return makers[body.name](frames(design)[body.case])


def write(design: Design, room: Path) -> None:
    """Write STEP, STL and `masses.csv` of all bodies into `room`."""
    from build123d import export_step

    for folder in ("step", "stl"):
        (room / folder).mkdir(parents=True, exist_ok=True)
    volumes = {}
    for body in BODIES:
        solid = shape(design, body)
        volumes[body] = solid.volume / 1000
        step = room / "step" / f"{body.stem}.step"
        solid.label = body.stem
        export_step(solid, step, write_pcurves=False)
        step.write_text(undated(step.read_text()))
        mesh_of(solid).export(room / "stl" / f"{body.stem}.stl")
    write_masses(design, volumes, room / "masses.csv")


def undated(step: str) -> str:
    """Return a STEP file without the time at which it was written."""
    return re.sub(r"'\d{4}-\d\d-\d\dT[\d:]+[^']*'", "'1970-01-01T00:00:00'", step)


def mesh_of(solid: Part) -> Any:
    """Return the mesh of a shape, without the facets that have no area."""
    import numpy as np
    import trimesh
    from OCP.BRepMesh import BRepMesh_IncrementalMesh

    # build123d's own meshing takes the tolerance as a share of each edge's length: a millimetre on the floor
    BRepMesh_IncrementalMesh(solid.wrapped, CHORD, False, ANGLE, False)
    vertices, faces = solid.tessellate(CHORD, ANGLE)
    mesh = trimesh.Trimesh(np.array([tuple(vertex) for vertex in vertices]), np.array(faces), process=False)
    mesh.merge_vertices(digits_vertex=4)
    mesh.update_faces(mesh.nondegenerate_faces())
    mesh.remove_unreferenced_vertices()
    return mesh


def write_masses(design: Design, volumes_cm3: dict[Body, float], path: Path) -> None:
    """Write the table that the mass budget reads."""
    with path.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["case", "body", "material", "density_g_cm3", "volume_cm3", "mass_g"])
        for case, name, material, volume_cm3 in _amounts(design, volumes_cm3):
            density = getattr(design.case.materials, material)
            table.writerow([case, name, material, density, f"{volume_cm3:.2f}", f"{volume_cm3 * density:.2f}"])


def _amounts(design: Design, volumes_cm3: dict[Body, float]) -> Iterator[tuple[str, str, str, float]]:
    for case, frame in frames(design).items():
        yield case, "shelf", "sheet", shelf_cm3(frame)
        for body, volume_cm3 in volumes_cm3.items():
            if body.case == case or (body.case == "pod" and body.name in SHARED.get(case, ())):
                yield case, body.name, body.material, volume_cm3


def shelf_cm3(frame: Frame) -> float:
    """Return the volume of the shelf, a rectangle cut from sheet."""
    along, across = shelf_mm(frame)
    return along * across * frame.form.shelf_mm / 1000


def shelf_mm(frame: Frame) -> tuple[float, float]:
    """Return length and width of the shelf."""
    x, _, _, x2, _, _ = frame.cell()
    return round(x2 - x, 1), round(frame.width - 0.4, 1)
