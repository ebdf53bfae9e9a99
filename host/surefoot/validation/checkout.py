"""What a validation needs and the installed package does not have: reference recordings and published methods."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surefoot.errors import SurefootError
from surefoot.recording.samples import Recording

FloatArray = NDArray[np.float64]
Side = Literal["left", "right"]
Detect = Callable[[FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
StrideLength = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]

_CATALOGUE, _METHODS, _ZERO_VELOCITY = (
    "tests.recordings",
    "tests.published.methods",
    "tests.published.zero_velocity_path",
)
_MIRROR_ACCEL, _MIRROR_GYRO = np.array([1.0, 1.0, -1.0]), np.array([-1.0, -1.0, 1.0])


@dataclass(frozen=True)
class Reference:
    """One recording with the truth about it.

    Attributes
    ----------
    name : str
        Runner, speed and leg, such as 'rbds001_35_R'.
    variant : str
        'clean' (as computed from motion capture), 'impact' (with an invented transient and sensor errors), 'grade'
        (gravity turned) or 'grade + impact'.
    rate_hz, speed_mps, grade : float
        Of the samples, of the belt, and rise over run.
    side, sensor_height_m
        What a user would tell: the leg, and the height above the ankle.
    recording : Recording
        The samples, in sensor axes.
    to_shin : array, shape (3, 3)
        The true alignment, v_shin = to_shin @ v_sensor; only the published methods are told.
    truth : DataFrame
        A row per stride.
    """

    name: str
    variant: str
    rate_hz: float
    speed_mps: float
    grade: float
    side: Side
    sensor_height_m: float
    recording: Recording
    to_shin: FloatArray
    truth: pd.DataFrame

    def as_right_shin(self) -> tuple[FloatArray, FloatArray]:
        """Return specific force (g) and angular rate (deg/s) in shin axes, a left leg mirrored into a right one."""
        accel_g = self.recording.accel_g @ self.to_shin.T
        gyro_dps = self.recording.gyro_dps @ self.to_shin.T
        return (accel_g * _MIRROR_ACCEL, gyro_dps * _MIRROR_GYRO) if self.side == "left" else (accel_g, gyro_dps)


@dataclass(frozen=True)
class Yardsticks:
    """What the product is compared with.

    Attributes
    ----------
    methods : DataFrame
        A row per published method: name, made_for, published_error.
    detect : mapping
        Its function by name: times and right-shin samples in, contacts and toe-offs (s) out.
    zero_velocity : function
        Stride lengths (m) from times, samples, contacts and toe-offs.
    """

    methods: pd.DataFrame
    detect: Mapping[str, Detect]
    zero_velocity: StrideLength


def find_checkout() -> Path:
    """Find the checkout around the installed package or the current directory.

    Raises
    ------
    SurefootError
        Where neither is in a checkout.
    """
    for start in (Path(__file__).resolve(), Path.cwd() / "here"):
        for folder in start.parents:
            if all((folder / f"{module.replace('.', '/')}.py").is_file() for module in (_CATALOGUE, _METHODS)):
                return folder
    raise SurefootError(
        "Cannot validate",
        "the reference recordings are not part of the installed package",
        "get the source of Surefoot and run this command inside it",
    )


def load_references(checkout: Path) -> Iterator[Reference]:
    """Read all treadmill recordings of a checkout: clean ones first, then with impact, then with grade."""
    catalogue = load_module(checkout, _CATALOGUE).TREADMILL.values()
    files = [(entry, rate_hz, False) for entry in catalogue for rate_hz in entry.rates_hz]
    files += [(entry, rate_hz, True) for entry in catalogue for rate_hz in entry.impact_rates_hz]
    for entry, rate_hz, impact in sorted(files, key=lambda file: file[0].grade != 0):
        yield _reference(entry, rate_hz, impact)


def load_yardsticks(checkout: Path) -> Yardsticks:
    """Load the published methods of a checkout."""
    methods = load_module(checkout, _METHODS).METHODS
    facts = [(method.name, method.made_for, method.published_error) for method in methods.values()]
    return Yardsticks(
        methods=pd.DataFrame(facts, columns=["name", "made_for", "published_error"]),
        detect={name: method.detect for name, method in methods.items()},
        zero_velocity=load_module(checkout, _ZERO_VELOCITY).stride_length_m,
    )


def load_module(checkout: Path, module: str) -> Any:
    """Import a module of the checkout's tests, which are not installed.

    Raises
    ------
    SurefootError
        It cannot be loaded.
    """
    sys.path.insert(0, str(checkout))
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SurefootError(
            "Cannot validate", f"{module} in {checkout} cannot be loaded ({error})", "repair or update the checkout"
        ) from error
    finally:
        sys.path.remove(str(checkout))


def _reference(entry: Any, rate_hz: int, impact: bool) -> Reference:
    t_s, accel_g, gyro_dps = entry.samples(rate_hz, impact)
    parts = ["grade"] * (entry.grade != 0) + ["impact"] * impact
    return Reference(
        name=entry.name,
        variant=" + ".join(parts) or "clean",
        rate_hz=rate_hz,
        speed_mps=entry.speed_mps,
        grade=entry.grade,
        side=entry.side,
        sensor_height_m=entry.sensor_height_m,
        recording=Recording(t_s, accel_g, gyro_dps, name=entry.imu_path(rate_hz, impact).name),
        to_shin=entry.axes,
        truth=entry.truth(),
    )
