"""The recordings and methods of a checkout, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from surefoot.errors import SurefootError
from surefoot.validation import checkout
from surefoot.validation.checkout import find_checkout, load_references, load_yardsticks

REFERENCES = list(load_references(find_checkout()))


def test_says_what_to_do_outside_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        checkout, "__file__", str(tmp_path / "site-packages" / "surefoot" / "validation" / "checkout.py")
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SurefootError, match="get the source of Surefoot"):
        find_checkout()


def test_finds_the_checkout_from_a_folder_inside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = find_checkout()
    monkeypatch.setattr(checkout, "__file__", str(tmp_path / "checkout.py"))
    monkeypatch.chdir(here / "tests" / "validation")
    assert find_checkout() == here


def test_says_what_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(SurefootError, match=r"tests\.no_such_module .* repair or update"):
        checkout.load_module(tmp_path, "tests.no_such_module")


def test_every_treadmill_file_is_a_reference() -> None:
    files = list((find_checkout() / "tests" / "fixtures" / "treadmill").glob("*/imu_*"))
    assert len(REFERENCES) == len(files)
    assert {reference.variant for reference in REFERENCES} == {"clean", "impact", "grade", "grade + impact"}
    assert {reference.grade for reference in REFERENCES if "grade" in reference.variant} == {-0.15, -0.08, 0.06}


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda r: f"{r.name}_{r.recording.name}")
def test_shin_axes_are_those_of_a_right_leg(reference: checkout.Reference) -> None:
    accel_g, gyro_dps = reference.as_right_shin()
    assert 1.0 < accel_g[:, 1].mean() < 2.0  # up along the tibia
    swing, backward = np.percentile(gyro_dps[:, 2], [99, 1])
    assert swing > 400  # forward swing is positive, and faster than any backward turn
    assert swing > -backward


def mean_landing(reference: checkout.Reference) -> tuple[np.ndarray, np.ndarray]:
    """Mean specific force and rate from 50 ms before to 150 ms after contact."""
    samples = np.searchsorted(reference.recording.t_s, reference.truth["contact_s"])[:, None] + np.arange(-10, 30)
    return tuple(values[samples].mean(axis=0) for values in reference.as_right_shin())


@pytest.mark.parametrize("speed", ["25", "35"])
def test_a_mirrored_left_leg_moves_like_the_right_one(speed: str) -> None:
    legs = (next(r for r in REFERENCES if r.name == f"rbds001_{speed}_{leg}" and r.rate_hz == 200) for leg in "LR")
    for left, right in zip(*map(mean_landing, legs), strict=True):
        for axis in range(3):
            assert np.corrcoef(left[:, axis], right[:, axis])[0, 1] > 0.5


def test_every_yardstick_is_told_about() -> None:
    yardsticks = load_yardsticks(find_checkout())
    assert list(yardsticks.methods["name"]) == list(yardsticks.detect)
    assert len(yardsticks.detect) >= 4
    assert yardsticks.methods["published_error"].str.len().min() > 0
