"""Every threshold of the terrain room, with its unit and its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AltitudeRule:
    """How a route's altitude becomes grade.

    The widths were chosen against a watch's recording with reference grade and against profiles of known grade with
    barometer-like and GPS-like noise (`tests/terrain/test_altitude.py`).
    """

    step_m: float = 5.0
    """Spacing of the distance grid: about one fix a second at a run."""
    outlier_points: int = 7
    """Width of the Hampel filter on the grid: 35 m, a spike of up to three points goes."""
    outlier_floor_m: float = 0.5
    """Smallest spread the Hampel filter assumes; without it a quantised, flat altitude makes every step an outlier."""
    barometer_width_m: float = 60.0
    """Width (4 standard deviations) of the Gaussian for a barometer: a break of slope blurs over 30 m each way."""
    gps_width_m: float = 200.0
    """The same for GPS altitude, whose error is metres and lasts for a minute."""
    fit_m: float = 40.0
    """Length of the local straight-line fit whose slope is the grade: never point to point."""
    rough_m: float = 0.35
    """Where the source is unknown: an altitude rougher than this (standard deviation about its own 60 m smoothing) is
    smoothed as GPS."""


@dataclass(frozen=True)
class PartsRule:
    """When a stretch is a descent; mirrored, a climb. Everything else is level."""

    enter_grade: float = 0.03
    """Steepness at which a descent begins; gentler ground is run like level ground."""
    leave_grade: float = 0.01
    """Steepness below which it ends ..."""
    leave_over_m: float = 20.0
    """... when that lasts longer than this: shorter flattenings belong to the descent."""
    merge_gap_m: float = 30.0
    """Descents closer than this are one."""
    merge_regain_m: float = 2.0
    """So are descents between which less than this is climbed ..."""
    merge_regain_gap_m: float = 60.0
    """... within this length; a longer terrace is level running."""
    least_change_m: float = 8.0
    """Drop of a descent that is kept, above what altitude noise makes ..."""
    least_length_m: float = 100.0
    """... together with this length;"""
    least_duration_s: float = 30.0
    """or one that lasts this long (some 40 strides of one leg, enough for a median) ..."""
    least_timed_change_m: float = 4.0
    """... and changes altitude by this, so that standing on a slope is no descent."""


@dataclass(frozen=True)
class PlacementRule:
    """How a route is laid along a recording, and how sure that is."""

    pause_s: float = 5.0
    """No contact for longer is a hole; shorter gaps are bridged."""
    stop_s: float = 10.0
    """No contact for longer is standing; a shorter hole may be lost samples."""
    fix_gap_s: float = 15.0
    """Watches that save memory write a fix every few seconds; a longer gap in the route is left open."""
    cadence_band: float = 0.10
    """Cadence further from its median than this share counts as this far: a stop must not drown the rest."""
    speed_band: float = 0.30
    """The same for speed."""
    flat_share: float = 0.10
    """A signal that varies by less than this share of its band is flat: within the error of the two sensors."""
    least_overlap_share: float = 0.5
    """Share of the shorter of the two that must lie together."""
    clock_error: float = 0.03
    """Largest error of the pod's clock that is searched."""
    clock_gain: float = 0.03
    """Rise of the score below which the clocks are taken as equal."""
    clock_least_s: float = 300.0
    """A shorter recording tells nothing about the clocks: 3 % of it is less than two sensors differ anyway."""
    peak_width_s: float = 15.0
    """Offsets closer than this are the same place."""
    sure_overlap_s: float = 600.0
    """Overlap for 'sure'. Excerpts of four minutes find their like, stops and all, in other people's runs."""
    sure_correlation: float = 0.7
    sure_margin: float = 0.15
    sure_running_correlation: float = 0.5
    """Correlation while both run. One stop each is enough for a high correlation of the whole; on the reference course
    this is 0.63 and more for the right place and at most 0.38 for other runs."""
    sure_mismatch_share: float = 0.05
    """Share of the overlap in which one stands and the other runs."""
    likely_overlap_s: float = 300.0
    likely_correlation: float = 0.45
    likely_margin: float = 0.05
    likely_running_correlation: float = 0.4
    likely_mismatch_share: float = 0.08
    covered_share: float = 0.8
    """Share of the recording that the route must cover for 'likely' and 'sure': a watch is seldom switched on late."""
    foreign_overlap_s: float = 300.0
    """A shorter recording proves nothing."""
    foreign_correlation: float = 0.3
    """Two signals that both vary while they run, and agree less than this there, do not belong together ..."""
    foreign_standing_s: float = 30.0
    """... nor do they if the watch stood for at least this long, at their best, ..."""
    foreign_standing_share: float = 0.5
    """... and the pod counted strides in more than this share of it. (The reverse may be lost samples.)"""
    foreign_cadence_spm: float = 10.0
    """Two sensors on one runner agree on the middle cadence to 2 spm; this far apart are two runs."""
    least_route_share: float = 0.5
    """A route shorter than this share of the recording is another run's, or a torn file."""
    floor_s: float = 2.0
    """Uncertainty that no correlation removes: whole-second stamps, and smoothing in the sensor that the watch listens
    to. (On the reference course a foot pod's cadence trails the chest strap's by 4 s, in one watch.)"""


@dataclass(frozen=True)
class TerrainParameters:
    """All thresholds of the terrain room."""

    altitude: AltitudeRule = AltitudeRule()
    route_parts: PartsRule = PartsRule()
    pod_parts: PartsRule = PartsRule(
        enter_grade=0.045,
        leave_grade=0.025,
        least_change_m=3.0,
        least_length_m=50.0,
        least_duration_s=20.0,
        least_timed_change_m=2.0,
    )
    """Wider bands: grade from the pod alone is good to 1.5 to 3 points, so 3 % may be level ground. Without altitude
    noise a shorter stretch can stand."""
    placement: PlacementRule = PlacementRule()
    pod_window_strides: int = 21
    """Strides over which the pod's own grade is averaged: a single stride is worth little."""
    pod_least_strides: int = 20
    """Fewer usable strides with a grade tell nothing about the ground."""
