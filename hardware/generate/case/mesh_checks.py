"""What every printed mesh must be: closed, one body, thick enough, printable without supports, nowhere sharp; in mm."""

from __future__ import annotations

from itertools import product
from math import radians, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.generate.shapes import Box

Floats = NDArray[np.float64]

MESH_MM = 0.06  # what facets of 0.4 rad take from a round wall: 2 mm x (1 - cos 0.2), and a little inside
RAYS = 3000
OPPOSITE = -0.94  # two faces bound a wall where their normals point against each other, within 20 degrees
PITCH_MM = 0.2
THIN_MM = 2.0  # from what stays after erosion: an acute edge reaches so far, a thin wall farther
STEEP_DEG = 45.5
NOZZLE_MM2 = 0.16  # a facet smaller than the nozzle's line is wide does not hang
SHARP_DEG = 35.0  # facets of a round meet at 0.4 rad = 23 degrees at most
SHORT_MM = 0.4  # what the corner between three rounds may leave
LIFT_MM = 0.02  # from the surface, so that a ray does not meet the facets it starts from
BED_EDGE_MM = 0.65  # a round edge of 2 mm on the bed is steeper than 45 degrees in its first layers


def sound(mesh: Any) -> list[str]:
    """Return what keeps a mesh from being one solid."""
    faults = []
    if not mesh.is_watertight:
        faults.append("the mesh has a hole")
    if not mesh.is_winding_consistent:
        faults.append("its facets do not all point outward")
    if mesh.volume <= 0:
        faults.append("it is inside out")
    if (bodies := mesh.body_count) != 1:
        faults.append(f"it has {bodies} bodies")
    return faults


def thin_by_rays(mesh: Any, wall_mm: float, spared: tuple[Box, ...] = ()) -> list[str]:
    """Return where rays into the mesh meet the face opposite before `wall_mm`, except in the boxes `spared`."""
    import trimesh

    points, faces = trimesh.sample.sample_surface(mesh, RAYS, seed=1)
    inward = -mesh.face_normals[faces]
    hit, ray, other = mesh.ray.intersects_location(points + 1e-4 * inward, inward, multiple_hits=False)[:3]
    thickness = np.linalg.norm(hit - points[ray], axis=1)
    against = (mesh.face_normals[faces[ray]] * mesh.face_normals[other]).sum(1) < OPPOSITE
    bad = against & (thickness < wall_mm - MESH_MM) & ~within(points[ray], spared)
    return _told("a wall", thickness[bad], points[ray][bad])


def thin_by_erosion(mesh: Any, wall_mm: float, spared: tuple[Box, ...] = ()) -> list[str]:
    """Return where nothing is left of the mesh within `THIN_MM` after half a wall was taken from all its faces.

    Independent of the rays: on a grid of `PITCH_MM`, which half a wall is shortened by; so it sees walls thinner than
    `wall_mm` less two steps, and wider than 4 mm.
    """
    from scipy.ndimage import distance_transform_edt

    solid, origin = occupied(mesh, PITCH_MM)
    core = _eroded(solid, (wall_mm / 2 - PITCH_MM / 2) / PITCH_MM)
    if not core.any():
        return ["all of it is thin"]
    # how far from what is left: on every second point, which is fine enough for so long a way
    gone = distance_transform_edt(~_halved(core)) * 2 * PITCH_MM
    places = np.argwhere(_halved(solid) & (gone > THIN_MM))
    points = origin + (2 * places + 0.5) * PITCH_MM
    bad = ~within(points, spared)
    return _told("after erosion nothing", gone[tuple(places[bad].T)], points[bad])


def _eroded(grid: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Return the points that have nothing empty within `radius` steps; the grid's margin is as wide at least."""
    reach = int(radius)
    steps = range(-reach, reach + 1)
    inner = tuple(slice(reach, size - reach) for size in grid.shape)
    core = np.zeros_like(grid)
    core[inner] = True
    for x, y, z in product(steps, steps, steps):
        if x * x + y * y + z * z <= radius * radius + 1e-9:
            moved = tuple(slice(reach + by, size - reach + by) for by, size in zip((x, y, z), grid.shape, strict=True))
            core[inner] &= grid[moved]
    return core


def _halved(grid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a grid with half as many points each way; each stands for two by two by two."""
    even = np.pad(grid, [(0, size % 2) for size in grid.shape])
    x, y, z = (size // 2 for size in even.shape)
    return np.asarray(even.reshape(x, 2, y, 2, z, 2).any(axis=(1, 3, 5)))


def occupied(mesh: Any, pitch_mm: float) -> tuple[NDArray[np.bool_], Floats]:
    """Return which points of a grid lie inside a mesh, with a margin of air, and where its first point is."""
    margin = 2 * pitch_mm
    origin = np.asarray(mesh.bounds[0]) - margin + pitch_mm * np.array([0.5017, 0.4983, 0.5])
    shape = np.ceil((mesh.extents + 2 * margin) / pitch_mm).astype(int)
    crossings = np.zeros(shape, np.int16)
    for a, b, c in (np.asarray(mesh.triangles) - origin) / pitch_mm:
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if abs(area) < 1e-12:
            continue
        low = np.ceil(np.minimum(np.minimum(a, b), c)[:2]).astype(int)
        high = np.floor(np.maximum(np.maximum(a, b), c)[:2]).astype(int)
        x, y = (grid.ravel() for grid in np.meshgrid(*(np.arange(i, j + 1) for i, j in zip(low, high, strict=True))))
        v = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area
        w = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area
        inside = (v >= 0) & (w >= 0) & (v + w < 1)
        z = np.ceil((a[2] + v * (b[2] - a[2]) + w * (c[2] - a[2]))[inside]).astype(int)
        np.add.at(crossings, (x[inside], y[inside], z), 1)
    return np.cumsum(crossings, axis=2) % 2 == 1, origin


def overhangs(mesh: Any, up: tuple[float, float, float], bridges: tuple[Box, ...] = ()) -> list[str]:
    """Return the facets that would hang in the air while the mesh is printed with `up` upward.

    Spared are what lies on the bed, the round of an edge just over it, and the boxes `bridges`.
    """
    rise = mesh.triangles_center @ np.array(up)
    rise -= (mesh.vertices @ np.array(up)).min()
    steep = mesh.face_normals @ np.array(up) < -sin(radians(STEEP_DEG))
    bad = steep & (rise > BED_EDGE_MM) & (mesh.area_faces > NOZZLE_MM2) & ~within(mesh.triangles_center, bridges)
    return _told("an overhang", mesh.area_faces[bad], mesh.triangles_center[bad], "mm2")


def sharp_edges(closed: Any, spared: tuple[Box, ...] = ()) -> list[str]:
    """Return the edges of a closed case that stick out sharply and can be touched, except in the boxes `spared`.

    Touched can be what a ray, from the edge half way between its two faces, leaves without meeting the case again.
    """
    ends = closed.vertices[closed.face_adjacency_edges]
    long_mm = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
    steep = closed.face_adjacency_convex & (closed.face_adjacency_angles > radians(SHARP_DEG)) & (long_mm > SHORT_MM)
    middle = ends[steep].mean(1)
    out = closed.face_normals[closed.face_adjacency[steep]].sum(1)
    out /= np.linalg.norm(out, axis=1)[:, None]
    bad = ~within(middle, spared)
    bad[bad] = ~closed.ray.intersects_any(middle[bad] + LIFT_MM * out[bad], out[bad])
    if not bad.any():
        return []
    place = ", ".join(f"{value:.1f}" for value in middle[bad][np.argmax(long_mm[steep][bad])])
    return [f"a sharp edge of {long_mm[steep][bad].max():.1f} mm at ({place}) and {bad.sum() - 1} more"]


def within(points: Any, boxes: tuple[Box, ...]) -> NDArray[np.bool_]:
    """Return which points lie in one of the boxes."""
    result = np.zeros(len(points), bool)
    for box in boxes:
        result |= ((points >= np.array(box[:3])) & (points <= np.array(box[3:]))).all(1)
    return result


def _told(what: str, values: Any, points: Any, unit: str = "mm") -> list[str]:
    if len(points) == 0:
        return []
    first = int(np.argmin(values)) if unit == "mm" else int(np.argmax(values))
    place = ", ".join(f"{value:.1f}" for value in points[first])
    return [f"{what} of {values[first]:.2f} {unit} at ({place}) and {len(points) - 1} more"]
