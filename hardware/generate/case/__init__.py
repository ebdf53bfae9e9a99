"""The printed cases: shapes (base, lid, extras), files, pictures, and what checks them (mesh_checks, fit)."""

from __future__ import annotations

from pathlib import Path

from hardware.generate.design import Design

ROOM = ("case/step", "case/stl", "case/png", "case/masses.csv")

SAME_SHARE = 1e-3  # of a volume: another release of the geometry kernel meshes a little differently
SAME_MM = 0.02
SAME_PIXELS = 0.01  # share of the pixels that may differ by more than a sixteenth of the brightness


def make(design: Design, out: Path) -> None:
    """Write STEP, STL, masses and pictures of all cases into `out`/case."""
    from hardware.generate.case.files import write
    from hardware.generate.case.scenes import draw

    write(design, out / "case")
    draw(design, out / "case")


def differs(made: Path, committed: Path) -> list[str]:
    """Return what differs: meshes by volume and box, STEP by its meshes' table, pictures by their pixels."""
    import numpy as np
    import trimesh
    from PIL import Image

    faults = []
    for room in ROOM:
        names = {path.relative_to(made) for path in (made / room).rglob("*")} | {Path(room)}
        there = {path.relative_to(committed) for path in (committed / room).rglob("*")} | {Path(room)}
        faults += [f"{name} is made and not committed, or committed and not made" for name in sorted(names ^ there)]
        for name in sorted(names & there):
            new, old = made / name, committed / name
            if name.suffix == ".csv" and new.read_bytes() != old.read_bytes():
                faults.append(f"{name} has other numbers")
            elif name.suffix == ".stl":
                one, two = trimesh.load_mesh(new), trimesh.load_mesh(old)
                if abs(one.volume - two.volume) > SAME_SHARE * two.volume:
                    faults.append(f"{name} has {one.volume:.0f} mm3, committed are {two.volume:.0f}")
                if not np.allclose(one.bounds, two.bounds, atol=SAME_MM):
                    faults.append(f"{name} has another box")
            elif name.suffix == ".png":
                pixels = [np.asarray(Image.open(path).convert("L"), float) for path in (new, old)]
                if pixels[0].shape != pixels[1].shape or (np.abs(pixels[0] - pixels[1]) > 16).mean() > SAME_PIXELS:
                    faults.append(f"{name} looks different")
    return faults
