"""A small renderer of meshes: parallel projection, one lamp, drawn edges; every run gives the same picture."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Colour = tuple[int, int, int]

SAMPLES = 2  # per pixel and direction
SMOOTH = cos(radians(35))  # facets that meet flatter than this are one round surface
LAMP = np.array([-0.35, 0.45, 0.82])  # to the right, up, towards the eye, of the picture
EDGE: Colour = (38, 44, 52)


@dataclass(frozen=True)
class Item:
    """A mesh and its colour; `cut` is the height on x, y or z (axis, value) at which it was cut open."""

    mesh: Any
    colour: Colour
    cut: tuple[int, float] | None = None


@dataclass(frozen=True)
class View:
    """From where one looks: turned about z, then lifted; degrees. `per_mm` is in pixels, `middle` in mm."""

    turn_deg: float
    lift_deg: float
    per_mm: float
    middle: tuple[float, float, float]
    size: tuple[int, int]

    def axes(self) -> Floats:
        """Return the picture's right, up and towards the eye as rows."""
        turn, lift = radians(self.turn_deg), radians(self.lift_deg)
        right = [-sin(turn), cos(turn), 0.0]
        eye = [cos(turn) * cos(lift), sin(turn) * cos(lift), sin(lift)]
        return np.array([right, np.cross(eye, right), eye])

    def at(self, points: Any) -> Floats:
        """Return pixels (right, down) and depth of points in mm."""
        turned: Floats = (np.asarray(points, float) - np.array(self.middle)) @ self.axes().T
        scale = np.array([self.per_mm, -self.per_mm, self.per_mm])
        result: Floats = turned * scale + [self.size[0] / 2, self.size[1] / 2, 0.0]
        return result


def render(items: list[Item], view: View) -> Any:
    """Return the picture of some meshes on white as a Pillow image."""
    from PIL import Image

    fine = View(
        view.turn_deg,
        view.lift_deg,
        view.per_mm * SAMPLES,
        view.middle,
        (view.size[0] * SAMPLES, view.size[1] * SAMPLES),
    )
    wide, high = fine.size
    depth = np.full((high, wide), -np.inf)
    colours = np.full((high, wide, 3), 255.0)
    normals = np.zeros((high, wide, 3))
    owner = np.full((high, wide), -1)
    for index, item in enumerate(items):
        _draw(item, index, fine, depth, colours, normals, owner)
    colours[_edges(depth, normals, owner, fine.per_mm)] = EDGE
    return Image.fromarray(colours.astype(np.uint8)).resize(view.size, Image.Resampling.BOX)


def font(size: int) -> Any:
    """Return the font of labels, which comes with matplotlib."""
    import matplotlib
    from PIL import ImageFont

    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"), size)


def _draw(
    item: Item, index: int, view: View, depth: Floats, colours: Floats, normals: Floats, owner: NDArray[np.int_]
) -> None:
    mesh = item.mesh
    corners = view.at(mesh.vertices)[mesh.faces]
    facing = mesh.face_normals @ view.axes()[2] > 1e-6
    smooth = _corner_normals(mesh) @ view.axes().T
    shades = np.array([_shades(item, face, mesh) for face in range(len(mesh.faces))])
    high, wide = depth.shape
    for face in np.flatnonzero(facing):
        a, b, c = corners[face]
        low = np.maximum(np.floor(corners[face, :, :2].min(0)).astype(int), 0)
        top = np.minimum(np.ceil(corners[face, :, :2].max(0)).astype(int) + 1, [wide, high])
        if (top <= low).any():
            continue
        x, y = np.meshgrid(np.arange(low[0], top[0]) + 0.5, np.arange(low[1], top[1]) + 0.5)
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if abs(area) < 1e-9:
            continue
        v = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area
        w = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area
        u = 1 - v - w
        near = u * a[2] + v * b[2] + w * c[2]
        patch = np.s_[low[1] : top[1], low[0] : top[0]]
        seen = (u >= -1e-6) & (v >= -1e-6) & (w >= -1e-6) & (near > depth[patch])
        normal = u[..., None] * smooth[face, 0] + v[..., None] * smooth[face, 1] + w[..., None] * smooth[face, 2]
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-12
        light = 0.55 + 0.45 * np.clip(normal @ (LAMP / np.linalg.norm(LAMP)), 0, 1)
        depth[patch][seen] = near[seen]
        normals[patch][seen] = normal[seen]
        owner[patch][seen] = index
        colours[patch][seen] = np.clip(light[..., None] * shades[face], 0, 255)[seen]


def _shades(item: Item, face: int, mesh: Any) -> Floats:
    colour = np.array(item.colour, float)
    if item.cut is not None:
        axis, value = item.cut
        if np.abs(mesh.triangles[face][:, axis] - value).max() < 1e-3:
            return colour * 0.6
    return colour


def _corner_normals(mesh: Any) -> Floats:
    """Return a normal for each corner of each facet: the mean of the facets there that continue it smoothly."""
    own = np.asarray(mesh.face_normals)
    result = np.repeat(own[:, None, :], 3, axis=1)
    for vertex, faces in enumerate(mesh.vertex_faces):
        around = faces[faces >= 0]
        alike = own[around] @ own[around].T > SMOOTH
        mean = alike @ (own[around] * mesh.area_faces[around, None])
        rows, places = np.nonzero(mesh.faces[around] == vertex)
        result[around[rows], places] = mean[rows]
    return result


def _edges(depth: Floats, normals: Floats, owner: NDArray[np.int_], per_mm: float) -> NDArray[np.bool_]:
    found = np.zeros(depth.shape, bool)
    flat = np.where(np.isfinite(depth), depth, -1e6)
    for axis in (0, 1):
        one = tuple(np.s_[:-1] if i == axis else np.s_[:] for i in (0, 1))
        two = tuple(np.s_[1:] if i == axis else np.s_[:] for i in (0, 1))
        step = owner[one] != owner[two]
        step |= np.abs(flat[one] - flat[two]) > 1.2 * per_mm
        step |= ((normals[one] * normals[two]).sum(-1) < 0.8) & (owner[one] >= 0)
        found[one] |= step
        found[two] |= step
    return found
