"""An invented Analysis, for tests of the report and for looking at it. Nothing in it was ever measured."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from surefoot.analysis import Analysis, Quality
from surefoot.findings.flags import FLAG_COLUMNS
from surefoot.findings.model import METRICS, Findings, Sentence
from surefoot.landing.curves import SIGNALS, LandingCurves
from surefoot.recording.samples import Condition
from surefoot.terrain.model import Placement, Profile, Terrain
from surefoot.terrain.segments import SEGMENT_COLUMNS

COMPARISON_COLUMNS = [
    "group",
    "kind",
    "metric",
    "strides",
    "n",
    "rejected_share",
    "clipped_share",
    "median",
    "median_low",
    "median_high",
    "p90",
    "baseline",
    "difference",
    "difference_low",
    "difference_high",
    "difference_percent",
    "z",
    "raised",
    "experimental",
    "censored",
]
BASELINE_COLUMNS = ["metric", "n", "median", "median_low", "median_high", "p10", "p90"]
GRADE_EDGES = (-np.inf, -0.15, -0.10, -0.06, -0.03, 0.03, 0.06, np.inf)
COURSE = (
    ("level", 0.00, 0.22, 0.002),
    ("climb-1", 0.22, 0.40, 0.07),
    ("level", 0.40, 0.50, -0.004),
    ("descent-1", 0.50, 0.61, -0.08),
    ("level", 0.61, 0.76, 0.003),
    ("descent-2", 0.76, 0.86, -0.13),
    ("level", 0.86, 1.00, -0.002),
)


def sample_strides(count: int = 2000, seed: int = 7) -> pd.DataFrame:
    """A strides table with a climb, two descents, a walking break, clipped peaks and rejected strides."""
    rng = np.random.default_rng(seed)
    place = np.arange(count) / count
    grade = np.zeros(count)
    segment = np.full(count, "level", dtype=object)
    for name, start, end, value in COURSE:
        part = (place >= start) & (place < end)
        grade[part] = value
        segment[part] = name
    grade = pd.Series(grade).rolling(21, center=True, min_periods=1).mean().to_numpy()
    grade = grade + 0.012 * np.sin(place * 60)
    down, up = np.maximum(-grade, 0), np.maximum(grade, 0)
    stride_time = 0.715 - 0.10 * down + 0.12 * up + rng.normal(0, 0.008, count)
    contact = 12.0 + np.concatenate([[0.0], np.cumsum(stride_time)[:-1]])
    contact[int(0.47 * count) :] += 75.0
    speed = 3.1 + 3.0 * down - 5.0 * up + rng.normal(0, 0.08, count)
    whole = np.exp(rng.normal(np.log(7.2), 0.14, count)) * (1 + 4.2 * down - 1.0 * up) * (1 + 0.06 * place)
    clipped = whole > 15.0
    off_plane = 0.17 + 0.55 * down + 0.03 * place + rng.gamma(4, 0.012, count)
    usable = rng.random(count) > 0.03
    reason = np.where(usable, "", rng.choice(["turn", "implausible timing", "gap"], count))
    braking = 0.42 + 2.2 * down - 0.6 * up + rng.normal(0, 0.07, count)
    return pd.DataFrame(
        {
            "stride": np.arange(count),
            "contact_s": contact,
            "toe_off_s": contact + 0.265,
            "stride_time_s": stride_time,
            "contact_time_s": 0.262 - 0.15 * down + rng.normal(0, 0.009, count),
            "cadence_spm": 120 / stride_time,
            "stride_length_m": speed * stride_time,
            "speed_mps": speed,
            "rise_m": speed * stride_time * grade,
            "grade": grade + rng.normal(0, 0.01, count),
            "route_grade": grade,
            "route_speed_mps": speed,
            "route_altitude_m": 212 + np.cumsum(speed * stride_time * grade),
            "shock_axial_g": np.minimum(whole, 15.0),
            "shock_resultant_g": np.minimum(whole * 1.18 + 1, 19.0),
            "shock_time_ms": rng.normal(24, 4, count),
            "clipped": clipped,
            "shin_angle_deg": 6.5 + 38 * down - 18 * up + rng.normal(0, 1.3, count),
            "braking_dv_mps": braking,
            "braking_peak_g": braking * 6,
            "braking_share": np.clip(0.22 + down + rng.normal(0, 0.03, count), 0, 1),
            "off_plane": off_plane,
            "frontal_rms_dps": 62 + 210 * down + 6 * place + rng.gamma(4, 4, count),
            "ml_share": 0.24 + rng.normal(0, 0.03, count),
            "settle_ms": np.clip(74 + 130 * down + rng.normal(0, 14, count), 20, 150),
            "segment": segment.astype(str),
            "usable": usable,
            "reject_reason": reason,
        }
    )


def sample_terrain(strides: pd.DataFrame) -> Terrain:
    """A route under these strides, with a barometer's altitude and the parts of `COURSE`."""
    time_s = strides["contact_s"].to_numpy()
    distance_m = strides["stride_length_m"].cumsum().to_numpy()
    altitude_m = strides["route_altitude_m"].to_numpy()
    grade = strides["route_grade"].to_numpy()
    rows = []
    for name, start, end, _ in COURSE:
        first, last = int(start * len(strides)), int(end * len(strides)) - 1
        length, rise = distance_m[last] - distance_m[first], altitude_m[last] - altitude_m[first]
        steepest = grade[first : last + 1].min() if rise < 0 else grade[first : last + 1].max()
        kind = name.split("-")[0]
        rows.append(
            (
                name,
                kind,
                time_s[first],
                time_s[last],
                distance_m[first],
                distance_m[last],
                length,
                rise,
                rise / length,
                steepest,
            )
        )
    keep = slice(None, None, 2)
    profile = Profile(
        time_s[keep], distance_m[keep], altitude_m[keep], grade[keep], strides["route_speed_mps"].to_numpy()[keep]
    )
    placement = Placement(3.2, 1.0001, "cadence", 0.93, 0.21, 0.8, "sure")
    return Terrain("route", profile, pd.DataFrame(rows, columns=list(SEGMENT_COLUMNS)), placement)


def sample_findings(strides: pd.DataFrame) -> Findings:
    """Comparisons by quantiles of normal theory: the right shapes, not the real method."""
    level = strides[(strides["segment"] == "level") & strides["usable"]]
    baseline = pd.DataFrame(
        [(metric, len(level), *_middle(level[metric]), *level[metric].quantile([0.1, 0.9])) for metric in METRICS],
        columns=BASELINE_COLUMNS,
    )
    groups: list[tuple[str, str, pd.DataFrame, float, float]] = []
    for name in ("climb-1", "descent-1", "descent-2"):
        groups.append((name, "segment", strides[strides["segment"] == name], np.nan, np.nan))
    for low, high in pairwise(GRADE_EDGES):
        part = strides[(strides["route_grade"] >= low) & (strides["route_grade"] < high)]
        groups.append((_band_name(low, high), "grade", part, low, high))
    third = len(strides) // 3
    first, last = (part[part["segment"] == "level"] for part in (strides.iloc[:third], strides.iloc[-third:]))
    groups.append(("first third", "third", first, np.nan, np.nan))
    groups.append(("last third", "third", last, np.nan, np.nan))
    groups = [group for group in groups if len(group[2]) >= 20]
    reference = {"first third": level.iloc[:0], "last third": first}
    comparisons = [
        _compare(name, kind, part, metric, reference.get(name, level))
        for name, kind, part, *_ in groups
        for metric in METRICS
    ]
    flags = []
    for name, kind, part, low, high in groups:
        distance = part["stride_length_m"].sum()
        reaching, braking = len(part) // 9, len(part) // 14
        flags.append(
            (
                name,
                kind,
                len(part),
                distance,
                reaching,
                reaching / distance * 1000,
                braking,
                braking / distance * 1000,
                low,
                high,
            )
        )
    sentences = (
        Sentence(
            "On descent 2 your landing shock was 49 % above your own level running "
            "(median 11.1 g, 95 % interval 10.8 to 11.4 g, 197 strides).",
            "What runners often try: slightly quicker, shorter steps, landing with the shin closer to vertical.",
            "shock_axial_g",
            "descent-2",
            True,
        ),
        Sentence(
            "On descent 2 the shin reached 4.9° further ahead at contact (median 11.4°, 11.2 to 11.6°, 197 strides).",
            "A change of 5 to 10 % in step length is enough to try.",
            "shin_angle_deg",
            "descent-2",
            True,
        ),
        Sentence("On descent 2 each landing took 0.28 m/s from the shin.", "", "braking_dv_mps", "descent-2", True),
        Sentence(
            "Your cadence was 168 steps/min on the level and 170 on the descents.",
            "",
            "cadence_spm",
            "descent-1",
            False,
        ),
        Sentence("On the climb nothing differed by more than chance.", "", "shock_axial_g", "climb-1", False),
    )
    return Findings(
        pd.DataFrame(comparisons, columns=COMPARISON_COLUMNS),
        pd.DataFrame(flags, columns=list(FLAG_COLUMNS)),
        baseline,
        sentences,
        f"Compared with your own level running in this recording: {len(level)} usable strides at 2.9 to 3.3 m/s.",
        pd.DataFrame({"hard_reaching": strides["stride"] % 9 == 0, "braking": strides["stride"] % 14 == 0}),
    )


def sample_curves() -> tuple[LandingCurves, ...]:
    """Average landings drawn from a few simple shapes."""
    return tuple(
        _curves(group, count, scale) for group, count, scale in (("level", 1120, 1.0), ("descents", 407, 1.45))
    )


def sample_quality(strides: pd.DataFrame) -> Quality:
    """A recording with small gaps, aligned from the running itself."""
    duration = float(strides["contact_s"].iloc[-1]) + 20.0 if len(strides) else 60.0
    running = max(duration - 120.0, 0.0)
    return Quality(
        duration_s=duration,
        samples=int(duration * 199.2),
        rate_hz=199.2,
        nominal_rate_hz=200.0,
        missing_share=0.004,
        gaps=6,
        longest_gap_s=1.4,
        activity_s={"running": running, "walking": 75.0, "standing": 30.0, "other": duration - running - 105.0},
        strides=len(strides),
        usable_strides=int(strides["usable"].sum()) if len(strides) else 0,
        clipped_strides=int(strides["clipped"].sum()) if len(strides) else 0,
        alignment_method="running",
        alignment_quality=0.87,
        side="right",
        side_given=True,
        sensor_height_m=0.145,
        sensor_height_given=False,
        speed_gain=1.0,
        conditions=()
        if strides.empty
        else (
            Condition("gaps", "The recording has 6 gaps, together 6 s; nothing was filled in.", 6),
            Condition(
                "clipped", "5 strides reached the sensor's limit of 16 g: their peaks are lower bounds.", 5, True
            ),
        ),
    )


def sample_analysis(count: int = 2000, seed: int = 7) -> Analysis:
    """The whole invented run."""
    strides = sample_strides(count, seed)
    return Analysis(
        name="Invented hill loop",
        about="Made from random numbers to test the report; nobody ran this.",
        strides=strides,
        quality=sample_quality(strides),
        terrain=sample_terrain(strides),
        findings=sample_findings(strides),
        curves=sample_curves(),
        parameters={"version": "0.1.0", "landing": {"low_pass_hz": 60.0, "window_ms": 120}, "side": "right"},
    )


def without_route(analysis: Analysis) -> Analysis:
    """The same run with grade from the pod alone."""
    strides = analysis.strides.assign(route_grade=np.nan, route_speed_mps=np.nan, route_altitude_m=np.nan)
    found = analysis.findings
    findings = replace(
        found,
        comparisons=found.comparisons[found.comparisons["kind"] != "grade"].reset_index(drop=True),
        flags=found.flags[found.flags["kind"] != "grade"].reset_index(drop=True),
    )
    terrain = replace(analysis.terrain, source="pod", placement=None)
    return replace(analysis, strides=strides, terrain=terrain, findings=findings)


def without_terrain(analysis: Analysis) -> Analysis:
    """The same run with no grade at all."""
    strides = analysis.strides.assign(
        route_grade=np.nan, route_speed_mps=np.nan, route_altitude_m=np.nan, grade=np.nan, rise_m=np.nan, segment=""
    )
    found = analysis.findings
    findings = replace(
        found,
        comparisons=found.comparisons[found.comparisons["kind"] == "third"].reset_index(drop=True),
        flags=found.flags[found.flags["kind"] == "third"].reset_index(drop=True),
        sentences=(),
    )
    terrain = Terrain("none", None, analysis.terrain.segments.iloc[:0])
    return replace(analysis, strides=strides, terrain=terrain, findings=findings, curves=analysis.curves[:0])


def without_findings(analysis: Analysis) -> Analysis:
    """Too few level strides for a baseline: nothing is compared."""
    found = analysis.findings
    findings = Findings(
        found.comparisons.iloc[:0],
        found.flags.iloc[:0],
        found.baseline.iloc[:0],
        (),
        "There is no baseline: only 12 usable strides on the level, and 200 are needed.",
        found.stride_flags,
    )
    return replace(analysis, findings=findings)


def empty() -> Analysis:
    """A recording without a single stride."""
    whole = sample_analysis(400)
    strides = whole.strides.iloc[:0]
    bare = without_findings(without_terrain(whole))
    findings = replace(bare.findings, stride_flags=bare.findings.stride_flags.iloc[:0])
    return replace(bare, strides=strides, quality=sample_quality(strides), findings=findings, curves=())


def unmeasured() -> Analysis:
    """Strides whose every number is nan."""
    whole = sample_analysis(400)
    names = [c for c in whole.strides.columns if whole.strides[c].dtype == float and c != "contact_s"]
    strides = whole.strides.assign(**dict.fromkeys(names, np.nan))
    curves = tuple(
        replace(
            curve,
            **{part: {s: np.full(curve.time_ms.size, np.nan) for s in SIGNALS} for part in ("middle", "low", "high")},
        )
        for curve in whole.curves
    )
    numbers = [c for c in COMPARISON_COLUMNS if whole.findings.comparisons[c].dtype == float]
    findings = replace(
        whole.findings,
        comparisons=whole.findings.comparisons.assign(**dict.fromkeys(numbers, np.nan)),
        baseline=whole.findings.baseline.assign(
            median=np.nan, median_low=np.nan, median_high=np.nan, p10=np.nan, p90=np.nan
        ),
        sentences=(),
    )
    return replace(whole, strides=strides, curves=curves, findings=findings)


def _middle(values: pd.Series) -> tuple[float, float, float]:
    middle = float(values.median())
    half = 1.96 * 1.253 * float(values.std()) / np.sqrt(len(values))
    return middle, middle - half, middle + half


def _band_name(low: float, high: float) -> str:
    if np.isinf(low):
        return f"grade below {high:.2f}"
    return f"grade above {low:.2f}" if np.isinf(high) else f"grade {low:.2f}..{high:.2f}"


def _compare(name: str, kind: str, part: pd.DataFrame, metric: str, level: pd.DataFrame) -> tuple[object, ...]:
    usable = part[part["usable"]]
    middle, low, high = _middle(usable[metric])
    own = float(level[metric].median())
    z = (middle - own) / ((high - low) / 3.92)
    experimental = metric in ("braking_dv_mps", "off_plane", "frontal_rms_dps", "settle_ms")
    clipped_share = float(part["clipped"].mean())
    return (
        *(name, kind, metric, len(part), len(usable), 1 - len(usable) / len(part), clipped_share),
        *(middle, low, high, float(usable[metric].quantile(0.9)), own),
        *(middle - own, low - own, high - own, (middle / own - 1) * 100, z),
        *(abs(z) > 2 and abs(middle / own - 1) > 0.05, experimental, metric == "shock_axial_g" and clipped_share > 0.1),
    )


def _curves(group: str, count: int, scale: float) -> LandingCurves:
    time_ms = np.arange(-100.0, 301.0, 2.5)
    after = np.clip(time_ms, 0, None)
    ring = np.exp(-after / 35) * np.sin(after / 9) * (time_ms > 0)
    stance = np.exp(-(((time_ms - 120) / 70) ** 2))
    middle = {
        "axial_g": 0.6 + scale * 8.2 * ring + 1.6 * stance,
        "ap_g": -scale * 3.1 * ring - 0.4 * stance,
        "ml_g": 0.8 * scale * ring,
        "sagittal_dps": 180 - 420 * (1 / (1 + np.exp(-(time_ms + 20) / 18))) * (1 + 0.1 * scale),
        "frontal_dps": 90 * scale * np.exp(-after / 45) * np.sin(after / 14) * (time_ms > 0),
        "shin_angle_deg": 4 + 4 * scale - np.clip(time_ms + 30, 0, None) * 0.16,
    }
    spread = {"axial_g": 1.2, "ap_g": 0.6, "ml_g": 0.4, "sagittal_dps": 35, "frontal_dps": 28, "shin_angle_deg": 2}
    low = {name: middle[name] - spread[name] * scale for name in SIGNALS}
    high = {name: middle[name] + spread[name] * scale for name in SIGNALS}
    return LandingCurves(group, count, time_ms, middle, low, high)
