"""The report's plain words: what each measure is called, and the texts that stand on every page."""

from __future__ import annotations

from dataclasses import dataclass

from surefoot.columns import STRIDE_COLUMNS
from surefoot.findings.model import Sentence


@dataclass(frozen=True)
class Metric:
    """How one column of the strides table is shown.

    `factor` converts the column to the shown `unit`, with `digits` decimals.
    """

    name: str
    title: str
    unit: str
    digits: int
    factor: float = 1.0

    @property
    def experimental(self) -> bool:
        """True where no reference supports the measure (evidence 'C')."""
        return self.name in EXPERIMENTAL


EXPERIMENTAL = frozenset(column.name for column in STRIDE_COLUMNS if column.evidence == "C")

METRIC_WORDS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("shock_axial_g", "Shock", "g", 1),
        Metric("shin_angle_deg", "Reach", "°", 1),
        Metric("braking_dv_mps", "Braking", "m/s", 2),
        Metric("off_plane", "Off-plane twist", "", 3),
        Metric("frontal_rms_dps", "Sideways rocking", "°/s", 0),
        Metric("settle_ms", "Settling time", "ms", 0),
        Metric("cadence_spm", "Cadence", "steps/min", 0),
        Metric("contact_time_s", "Contact time", "ms", 0, factor=1000.0),
    )
}

SIGNAL_WORDS: dict[str, tuple[str, str, str]] = {
    "axial_g": ("Along the shin", "g", "up is positive; the highest value in the first 80 ms, less 1 g, is the shock"),
    "ap_g": ("Forward and back", "g", "forward is positive; a dip below zero is braking"),
    "ml_g": ("Sideways", "g", "to the runner’s right is positive"),
    "sagittal_dps": ("Swing of the shin", "°/s", "positive while the ankle swings forward"),
    "frontal_dps": ("Sideways rocking", "°/s", "turning about the forward axis"),
    "shin_angle_deg": ("Shin angle", "°", "positive while the ankle is ahead of the knee"),
}

STANDING_TEXT = (
    "Surefoot is not a medical device. The pod measures how a strap on the skin of the shin moves. It cannot see the "
    "knee, and it cannot measure forces or torque.",
    "Pain that goes above 3 out of 10 or keeps rising, swelling, a knee that locks or gives way: stop, and see a "
    "clinician. A change of strike or of step length moves the work to other places, such as the calf and the "
    "Achilles tendon: change little, 5 to 10 %, and slowly.",
)

LIMITS: tuple[tuple[str, str], ...] = (
    (
        "Shock",
        "A sensor of the kind meant for the pod agrees with a reference to about ±1.5 g. Strapped on again, "
        "the pod may sit elsewhere, which alone can change the peak by up to 2.5 g: compare within one run, "
        "or runs strapped on alike. "
        "A peak that reached the sensor’s limit is a lower bound, shown with ≥. Shock is not the load on bone or knee.",
    ),
    (
        "Reach",
        "The shin angle is good to about ±5° as an absolute value and ±2° as a change within a run. "
        "It tells where the ankle is relative to the knee, not to the hip, and not how far the knee is bent.",
    ),
    (
        "Braking and steadiness",
        "Experimental: no reference supports these measures yet. Read them only against your own level running in the "
        "same recording. Braking is the speed that the shin loses, not a braking force; "
        "a swinging shin is faster than the runner, so it can lose more than the running speed.",
    ),
    (
        "Contact time",
        "±15 to 20 ms as an absolute value, ±5 to 8 ms as a change within a run. Cadence assumes that both legs take "
        "equal time.",
    ),
    (
        "Stride length and speed",
        "From the pod alone: 5 to 10 %, or 3 to 5 % once calibrated. Published figures for one shin sensor are for "
        "level running.",
    ),
)

INTERVALS = (
    "Each value is the median over the usable strides, with a 95 % interval from resampling them; n is their number. "
    "The interval covers chance between strides only, not the error of the sensor or of its place on the shin. "
    "A difference is raised when it rests on at least 20 strides, lies more than two standard errors from your level "
    "running, stays unlikely to be chance with all comparisons of the run counted together, and is at least the "
    "smallest change worth telling."
)

GLOSSARY: tuple[tuple[str, str], ...] = (
    (
        "Stride, step",
        "A stride runs from one contact of the foot to the next contact of the same foot. A step is half of it.",
    ),
    ("Contact, toe-off", "The moment the foot meets the ground, and the moment it leaves. Contact time lies between."),
    (
        "Shock",
        "The peak acceleration along the shin after contact, in g, with the 1 g of standing still taken off. "
        "Higher: a harder landing.",
    ),
    (
        "Reach",
        "The angle of the shin from the vertical at contact. Positive: the ankle is ahead of the knee. "
        "0°: the shin is vertical.",
    ),
    (
        "Hard, reaching landing",
        "A landing with high shock and the shin reaching further ahead than usual for you, both at once.",
    ),
    (
        "Braking",
        "The forward speed, in m/s, that the shin loses in the first 100 ms after contact. Higher: more braking.",
    ),
    (
        "Steadiness",
        "How little the shin turns or rocks outside its main plane as the foot lands. "
        "For all three measures, lower is steadier.",
    ),
    ("Off-plane twist", "The share of the landing’s rotation outside its main plane, from 0 (a pure hinge) to 0.67."),
    ("Sideways rocking", "How fast the shin rocks from side to side in the first 120 ms, in degrees per second."),
    ("Settling time", "How long the sideways rocking takes to die down after contact; 150 ms stands for 150 and more."),
    ("Grade", "Rise over run. −10 % is one metre down for ten metres forward."),
    (
        "Level baseline",
        "The middle of your own level running in this recording: what everything else is compared with.",
    ),
    (
        "Median, interval",
        "Half of the landings lie below the median. The 95 % interval is where it would plausibly lie by chance alone.",
    ),
    (
        "At the sensor’s limit",
        "The acceleration reached the end of the sensor’s range. The true peak was at least as high.",
    ),
)


def is_experimental(sentence: Sentence) -> bool:
    """Tell whether a found sentence rests on an experimental measure without saying so itself."""
    return sentence.metric in EXPERIMENTAL and "experimental" not in sentence.text.lower()
