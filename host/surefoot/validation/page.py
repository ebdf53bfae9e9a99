"""The page docs/validation.md, from the rows of a validation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from surefoot.validation.targets import TARGETS, Target

OURS = "Surefoot"
ZERO_VELOCITY = "zero velocity"
COMMAND = "surefoot validate"

_INTRODUCTION = f"""# How well the numbers are measured

This page is written by `{COMMAND}` from recordings with a reference; do not edit it. Run that command in a checkout
of the project to write it again; `{COMMAND} --json` prints the rows behind it.

Errors are measured minus reference: a positive bias of contact means detected too late. SD is the spread from stride to
stride within a recording. A detected contact belongs to the nearest reference contact within 100 ms; the first and the
last contact of a recording may be missed. 'False' counts detections that belong to no contact."""

_REFERENCES = """## The recordings

| recordings | runner | reference |
| --- | --- | --- |
| rbds001_25, rbds001_35 | forefoot striker, 1.81 m, 62 kg, at 2.5 and 3.5 m/s, 30 s each | force treadmill: vertical \
force above 50 N; belt speed, good to about 1 % |
| jdx_s999 | another runner, strike not stated, at 4.02 m/s, 10 s | force treadmill; belt speed from the heel marker |

L and R are the legs. The sensor's height above the ankle, which the path needs, was measured for rbds001 (0.145 m) and
is an estimate for jdx_s999 (0.11 m). Kinds of recording: **clean**, as computed from motion capture; **impact**, with
an invented transient, sensor noise and gyroscope bias; **grade**, with the direction of gravity turned. Sources:
Fukuchi, Fukuchi & Duarte 2017, PeerJ 5:e3298 (CC BY 4.0), and JDX_S999 of demo-force-processing, (c) 2022 John Davis
(MIT); each folder of `tests/fixtures/treadmill` says more in its PROVENANCE.md."""

_LIMITS = """## What this does and does not show

- **Two runners on level treadmills, half a minute and less.** Nothing here says how the numbers behave on other
  runners, surfaces or shoes.
- **The signal is computed, not recorded.** It comes from optical motion capture of the shin (150 Hz low-passed at
  25 Hz, and 240 Hz at 30 Hz), differentiated twice. Timing, angles and path are true; the sharp shock of a landing is
  not in it, and neither are the strap, the skin under it or the errors of a real sensor. **No shock value is validated
  here.**
- **The impact variants** have a transient that always begins 8 ms after contact and always has one shape. They show
  that a method survives it, not how well it times real ones.
- **The grade variants** test the geometry of the grade estimate only. **They are not downhill running**; there was no
  reference for the timing of downhill running.
- **The published methods** were written from descriptions of their papers, which leave things open; each file in
  `tests/published` says what was chosen. They are given the true shin axes and a common cut into strides, which the
  product has to find for itself. Most were made for rearfoot strikers and for the sharp shock that is missing here:
  their errors on this page are not the errors that their authors would find. Fadillioglu 2020, Whelan 2015 and
  Schmidt 2016 are left out, as their rules could not be found in enough detail.
- **The path with zero velocity** is given the reference's contacts and toe-offs. It takes the shin to stand still once
  in each stance, as is done with sensors on the foot."""


def render(
    rows: pd.DataFrame,
    methods: pd.DataFrame,
    targets: Sequence[Target] = TARGETS,
    further: Sequence[tuple[str, pd.DataFrame]] = (),
) -> str:
    """Write the page.

    Parameters
    ----------
    rows : DataFrame
        A row per recording and method, as `run.validate` gives them.
    methods : DataFrame
        A row per published method: name, made_for, published_error.
    targets : sequence of Target
        The bounds to hold the product's rows against.
    further : sequence of (str, DataFrame)
        More sections: a heading with its introduction, and a table of texts.

    Returns
    -------
    str
        Markdown, with a newline at its end.
    """
    ours = rows[rows["method"] == OURS]
    sections = [
        _INTRODUCTION,
        _REFERENCES,
        "## Targets\n\nThe worst recording counts.\n\n" + _target_table(ours, targets),
        "## Contact and toe-off, in short\n\n" + _timing_summary(rows),
        "## Contact and toe-off, every recording\n\n" + _timing_tables(rows),
        "## Path, speed, cadence and grade\n\n" + _path_table(rows),
        *(f"{text}\n\n{_table(list(table.columns), table.itertuples(index=False))}" for text, table in further),
        "## The published methods\n\n" + _method_table(methods),
        _LIMITS,
    ]
    return "\n\n".join(sections) + "\n"


def _target_table(ours: pd.DataFrame, targets: Sequence[Target]) -> str:
    def line(target: Target) -> list[str]:
        measured = target.measured(ours)
        relation = "≥" if target.at_least else "≤"
        bounds = [f"{relation} {bound:g} {target.unit}".rstrip() for bound in (target.must, target.aim)]
        shown = "–" if np.isnan(measured) else f"{measured:.4g} {target.unit}".rstrip()
        return [target.what, ", ".join(target.variants), *bounds, shown, target.verdict(measured)]

    return _table(["", "recordings", "must", "aim", "measured", ""], map(line, targets))


def _timing_summary(rows: pd.DataFrame) -> str:
    """Give the range of each method's bias, and its largest SD, over the clean recordings."""
    clean = rows[(rows["variant"] == "clean") & (rows["method"] != ZERO_VELOCITY)]
    header = ["method", "found", "false", "contact bias, ms", "largest SD", "toe-off bias, ms", "largest SD"]

    def timing(group: pd.DataFrame, event: str) -> list[str]:
        bias, sd = group[f"{event}_bias_ms"].dropna(), group[f"{event}_sd_ms"]
        return [f"{bias.min():+.1f} to {bias.max():+.1f}", f"{sd.max():.1f}"] if len(bias) else ["–", "–"]

    lines = (
        [
            str(method),
            f"{group['matched_contacts'].sum():.0f}/{group['reference_contacts'].sum():.0f}",
            f"{group['false_contacts'].sum():.0f}",
            *timing(group, "contact"),
            *timing(group, "toe_off"),
        ]
        for method, group in clean.groupby("method", sort=False)
    )
    return "The clean recordings together; one that is there at two rates counts twice.\n\n" + _table(header, lines)


def _timing_tables(rows: pd.DataFrame) -> str:
    timed = rows[rows["method"] != ZERO_VELOCITY]
    header = ["recording", "method", "found", "false", "contact, ms", "toe-off, ms"]

    def table(variant: str, group: pd.DataFrame) -> str:
        lines = (
            [
                _recording(row) if row["method"] == OURS else "",
                row["method"],
                f"{row['matched_contacts']:.0f}/{row['reference_contacts']:.0f}",
                f"{row['false_contacts']:.0f}",
                _spread(row, "contact", "ms"),
                _spread(row, "toe_off", "ms"),
            ]
            for _, row in group.iterrows()
        )
        return f"### {variant}\n\n{_table(header, lines)}"

    return "\n\n".join(table(str(variant), group) for variant, group in timed.groupby("variant", sort=False))


def _path_table(rows: pd.DataFrame) -> str:
    plain = rows[rows["method"] == ZERO_VELOCITY].set_index(["recording", "file"])["stride_length_rmse_pct"]
    header = [
        "recording",
        "strides with a length",
        "stride length RMSE",
        "with zero velocity",
        "mean speed",
        "cadence, spm",
        "true grade",
        "grade, points",
    ]
    lines = (
        [
            _recording(row),
            f"{row['stride_length_n_pct']:.0f}/{row['strides_scored']:.0f}",
            _number(row["stride_length_rmse_pct"], ".1f", " %"),
            _number(plain.get((row["recording"], row["file"]), np.nan), ".1f", " %"),
            _number(row["speed_bias_pct"], "+.1f", " %"),
            _spread(row, "cadence", "spm"),
            _number(100 * row["true_grade"], "+.0f", " %"),
            _spread(row, "grade", "points"),
        ]
        for _, row in rows[rows["method"] == OURS].iterrows()
    )
    return _table(header, lines)


def _method_table(methods: pd.DataFrame) -> str:
    columns = ["name", "made_for", "published_error"]
    return _table(["method", "made for", "error its authors found"], methods[columns].itertuples(index=False))


def _recording(row: pd.Series) -> str:
    return f"{row['recording']} ({row['rate_hz']:.0f} Hz)"


def _spread(row: pd.Series, quantity: str, unit: str) -> str:
    bias, sd = row[f"{quantity}_bias_{unit}"], row[f"{quantity}_sd_{unit}"]
    return "–" if np.isnan(bias) else f"{bias:+.1f} ± {sd:.1f}"


def _number(value: float, form: str, unit: str) -> str:
    return "–" if np.isnan(value) else f"{value:{form}}{unit}"


def _table(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---"] * len(header)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *lines))
