"""The strides table: its columns, their units and what they mean. Every table the product writes has these names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "count", "flag", "text"]
Evidence = Literal["A", "A-", "B", "C", ""]


@dataclass(frozen=True)
class Column:
    """One column: `evidence` is A (validated at the shin in running), B (elsewhere or related), C (experimental)."""

    name: str
    unit: str
    meaning: str
    kind: Kind = "number"
    evidence: Evidence = ""


STRIDE_COLUMNS: tuple[Column, ...] = (
    Column("stride", "", "number of the stride, from 0", "count"),
    Column("contact_s", "s", "contact of the foot, from the first sample", evidence="A"),
    Column("toe_off_s", "s", "toe-off, from the first sample", evidence="A-"),
    Column("stride_time_s", "s", "contact to the next contact of the same foot", evidence="A"),
    Column("contact_time_s", "s", "contact to toe-off", evidence="A-"),
    Column("cadence_spm", "steps/min", "steps of both feet, 120 / stride time", evidence="A"),
    Column(
        "stride_length_m", "m", "path of the shin over the stride along the ground, from the pod alone", evidence="B"
    ),
    Column("speed_mps", "m/s", "stride length / stride time", evidence="B"),
    Column("rise_m", "m", "rise of the shin's path over the stride, up is positive", evidence="C"),
    Column("grade", "", "rise over run, smoothed over neighbouring strides, from the pod alone", evidence="C"),
    Column("route_grade", "", "grade of the route at this stride", evidence="A"),
    Column("route_speed_mps", "m/s", "speed along the route", evidence="A"),
    Column("route_altitude_m", "m", "smoothed altitude of the route", evidence="A"),
    Column("shock_axial_g", "g", "peak axial acceleration after contact, standing 1 g taken off", evidence="A"),
    Column("shock_resultant_g", "g", "peak resultant specific force after contact", evidence="A"),
    Column("shock_time_ms", "ms", "delay of the axial peak after contact", evidence="A"),
    Column("clipped", "", "an axis reached the sensor's range: the peak is a lower bound", "flag"),
    Column(
        "shin_angle_deg", "deg", "shin from the vertical at contact, positive: ankle ahead of the knee", evidence="B"
    ),
    Column("braking_dv_mps", "m/s", "forward speed that the shin loses in the first 100 ms", evidence="C"),
    Column("braking_peak_g", "g", "peak backward acceleration of the shin in the first 100 ms", evidence="C"),
    Column("braking_share", "", "backward part of the whole shock, 0 straight down to 1 straight back", evidence="C"),
    Column("off_plane", "", "share of the landing's rotation outside its main plane, 0 to 2/3", evidence="C"),
    Column("frontal_rms_dps", "deg/s", "sideways rocking of the shin at landing", evidence="C"),
    Column("ml_share", "", "sideways share of the landing's acceleration", evidence="C"),
    Column("settle_ms", "ms", "time until the sideways rocking has died down", evidence="C"),
    Column("segment", "", "level, climb-1, descent-1, ...; empty where unknown", "text"),
    Column("usable", "", "False: the stride counts in the dose, not in the statistics", "flag"),
    Column("reject_reason", "", "why the stride is not usable; empty if it is", "text"),
)
