"""Each landing in numbers: shock, reach, braking, steadiness."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from surefoot.gait.strides import Gait
from surefoot.landing.braking import BrakingParameters, braking
from surefoot.landing.shock import ShockParameters, shock
from surefoot.landing.steadiness import SteadinessParameters, steadiness
from surefoot.motion.alignment import shin_angle_deg
from surefoot.motion.windows import sample


@dataclass(frozen=True)
class LandingParameters:
    """All settings of the room."""

    shock: ShockParameters = field(default_factory=ShockParameters)
    braking: BrakingParameters = field(default_factory=BrakingParameters)
    steadiness: SteadinessParameters = field(default_factory=SteadinessParameters)


def measure(gait: Gait, clipped: np.ndarray, parameters: LandingParameters | None = None) -> pd.DataFrame:
    """Measure every landing.

    Parameters
    ----------
    gait : Gait
    clipped : bool array, shape (n,)
        Samples of which an accelerometer axis is at the end of its range.

    Returns
    -------
    DataFrame
        The columns of the strides table from `shock_axial_g` to `settle_ms`, indexed as `gait.strides`; nan where the
        window of a landing is not all there.
    """
    p = parameters or LandingParameters()
    move = gait.move
    piece = move.pieces.piece_of(gait.at)
    columns = {
        **shock(move.pieces, gait.at, clipped, p.shock),
        "shin_angle_deg": shin_angle_deg(sample(move.up, gait.at)),
        **braking(move, gait.at, p.braking),
        **steadiness(move.pieces, gait.at, p.steadiness),
    }
    table = pd.DataFrame(columns, index=gait.strides.index)
    window_s = max(p.shock.window_s, p.braking.window_s, p.steadiness.settle_cap_s)
    there = gait.at + window_s * move.pieces.rate_hz <= move.pieces.bounds[piece + 1] - 1
    numbers = [name for name in table.columns if name != "clipped"]
    table.loc[~there, numbers] = np.nan
    return table
