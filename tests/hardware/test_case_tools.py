"""The cases made anew with build123d: the same as committed, and valid STEP of the same volume."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import trimesh

from hardware.generate.case import ROOM, differs, make
from hardware.generate.design import HARDWARE, load

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("hardware")
    make(load(), out)
    return out


def test_made_anew_they_equal_what_is_committed(made: Path) -> None:
    assert differs(made, HARDWARE) == []


def test_a_changed_mesh_and_a_lost_file_are_told(made: Path, tmp_path: Path) -> None:
    for room in ROOM:
        copy = shutil.copytree if (made / room).is_dir() else shutil.copy
        (tmp_path / room).parent.mkdir(parents=True, exist_ok=True)
        copy(made / room, tmp_path / room)
    path = tmp_path / "case" / "stl" / "pod-lid.stl"
    lid = trimesh.load_mesh(path)
    lid.apply_scale((1.01, 1, 1))
    lid.export(path)
    (tmp_path / "case" / "step" / "pod-base.step").unlink()
    told = " ".join(differs(made, tmp_path))
    assert "pod-lid.stl" in told
    assert "pod-base.step" in told


@pytest.mark.parametrize("path", sorted((HARDWARE / "case" / "step").glob("*.step")), ids=lambda path: path.stem)
def test_step_is_valid_and_has_the_volume_of_the_mesh(path: Path) -> None:
    from build123d import import_step

    solid = import_step(path)
    assert solid.is_valid
    assert len(solid.solids()) == 1
    mesh = trimesh.load_mesh(HARDWARE / "case" / "stl" / f"{path.stem}.stl")
    assert solid.volume == pytest.approx(mesh.volume, rel=0.01)
    assert "1970-01-01" in path.read_text()[:2000]
