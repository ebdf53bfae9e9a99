"""What faults of a recording do to the numbers: each fault is made on a reference recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.spatial.transform import Rotation

from surefoot.analysis import Analysis, analyze
from surefoot.recording.samples import Recording
from surefoot.settings import Settings
from surefoot.validation.checkout import Reference
from surefoot.validation.score import score

ROBUSTNESS = """## Faults of a recording

Each fault is made on the clean recordings of `rbds001` at 200 Hz (30 s each, four legs and speeds, worst one shown).
'Across a gap' counts strides that were given a stride time although samples were missing for 20 ms or more within
them."""

Fault = Callable[[Recording, np.random.Generator], Recording]
ACCEL_STEP_G, RATE_STEP_DPS = 1 / 2048, 1 / 16.4


def score_faults(references: Sequence[Reference]) -> pd.DataFrame:
    """Analyse every clean 200 Hz reference with every fault: a table of texts."""
    chosen = [one for one in references if one.variant == "clean" and one.rate_hz == 200]
    lines = [_rotation_line(chosen)]
    for what, code, fault in _faults():
        lines.append(_fault_line(what, code, fault, chosen))
    return pd.DataFrame(lines, columns=["fault", "strides found", "false", "across a gap", "reported", "what it does"])


def rotated(recording: Recording, rotation: Rotation) -> Recording:
    """Turn the sensor on the strap, its samples quantised anew."""
    accel = np.round(rotation.apply(recording.accel_g) / ACCEL_STEP_G) * ACCEL_STEP_G
    gyro = np.round(rotation.apply(recording.gyro_dps) / RATE_STEP_DPS) * RATE_STEP_DPS
    return replace(recording, accel_g=accel, gyro_dps=gyro)


def _faults() -> Iterator[tuple[str, str, Fault]]:
    yield "15 random gaps of 20 to 500 ms", "gaps", _with_gaps
    yield "10 % of single samples missing", "missing_samples", lambda r, rng: _kept(r, rng.random(len(r.t_s)) > 0.1)
    yield "gyroscope 5 deg/s off on each axis", "gyro_bias", lambda r, _: replace(r, gyro_dps=r.gyro_dps + 5.0)
    yield "clock 3 % fast", "rate", lambda r, _: replace(r, t_s=r.t_s * 0.97)
    yield "clock 3 % slow", "rate", lambda r, _: replace(r, t_s=r.t_s * 1.03)
    for name, axis in (("the tibia", (0, 1, 0)), ("the forward axis", (0, 0, 1)), ("the swing's axis", (1, 0, 0))):
        yield f"strap slips by 10 deg about {name}", "strap_slip", _slipping(axis)


def _with_gaps(recording: Recording, rng: np.random.Generator) -> Recording:
    keep = np.ones(len(recording.t_s), dtype=bool)
    for start_s in rng.uniform(0, recording.t_s[-1], 15):
        keep &= (recording.t_s < start_s) | (recording.t_s > start_s + rng.uniform(0.02, 0.5))
    return _kept(recording, keep)


def _slipping(axis: tuple[float, float, float]) -> Fault:
    turn = Rotation.from_rotvec(np.radians(10) * np.array(axis, dtype=float))

    def slip(recording: Recording, _: np.random.Generator) -> Recording:
        late = recording.t_s > recording.t_s[-1] / 2
        accel, gyro = (
            np.where(late[:, None], turn.apply(values), values) for values in (recording.accel_g, recording.gyro_dps)
        )
        return replace(recording, accel_g=accel, gyro_dps=gyro)

    return slip


def _kept(recording: Recording, keep: np.ndarray) -> Recording:
    keep[0] = True
    return replace(
        recording, t_s=recording.t_s[keep], accel_g=recording.accel_g[keep], gyro_dps=recording.gyro_dps[keep]
    )


def _analysed(reference: Reference, recording: Recording) -> Analysis:
    return analyze(recording, Settings(side=reference.side, sensor_height_m=reference.sensor_height_m))


def _fault_line(what: str, code: str, fault: Fault, references: Sequence[Reference]) -> tuple[str, ...]:
    found = all_strides = false = across = reported = 0
    change = []
    for number, reference in enumerate(references):
        recording = fault(reference.recording, np.random.default_rng(number))
        analysis = _analysed(reference, recording)
        stretch = recording.t_s[-1] / reference.recording.t_s[-1] if code == "rate" else 1.0
        times = ["contact_s", "toeoff_s", "next_contact_s"]
        truth = reference.truth.assign(**{name: reference.truth[name] * stretch for name in times})
        result = score(truth, analysis.strides)
        found, all_strides = found + result.matched_contacts, all_strides + result.reference_contacts
        false += result.false_contacts
        across += _across_gaps(recording, analysis.strides)
        reported += code in {condition.code for condition in analysis.quality.conditions}
        change.append(result.contact_ms.sd)
    return (
        what,
        f"{found}/{all_strides}",
        str(false),
        str(across),
        f"{reported} of {len(references)}",
        f"contact SD at most {max(change):.1f} ms",
    )


def _across_gaps(recording: Recording, strides: pd.DataFrame) -> int:
    step_s = np.diff(recording.t_s)
    gaps_s = recording.t_s[:-1][step_s >= 0.0199]
    timed = strides.dropna(subset=["stride_time_s"])
    start, end = timed["contact_s"].to_numpy(), (timed["contact_s"] + timed["stride_time_s"]).to_numpy()
    return int(((gaps_s[None, :] > start[:, None]) & (gaps_s[None, :] < end[:, None])).any(axis=1).sum())


def _rotation_line(references: Sequence[Reference]) -> tuple[str, ...]:
    turns = [Rotation.from_euler("x", 180, degrees=True), *Rotation.random(9, random_state=1)]
    worst = np.zeros(3)
    found = all_strides = false = 0
    for reference in references:
        plain = _analysed(reference, reference.recording).strides
        for turn in turns:
            strides = _analysed(reference, rotated(reference.recording, turn)).strides
            result = score(reference.truth, strides)
            found, all_strides = found + result.matched_contacts, all_strides + result.reference_contacts
            false += result.false_contacts
            worst = np.maximum(
                worst,
                [
                    100 * np.nanmax(np.abs(strides["stride_length_m"] / plain["stride_length_m"] - 1)),
                    1e3 * np.nanmax(np.abs(strides["contact_s"] - plain["contact_s"])),
                    100 * np.nanmax(np.abs(strides["shock_axial_g"] / plain["shock_axial_g"] - 1)),
                ],
            )
    length, contact, shock = worst
    return (
        "any rotation of the sensor on the strap (10, one upside down)",
        f"{found}/{all_strides}",
        str(false),
        "0",
        "–",
        f"at most: stride length {length:.2f} %, contact {contact:.2f} ms, shock {shock:.2f} %",
    )
