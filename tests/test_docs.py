"""What the documents say exists, and what exists is said."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib import metadata
from pathlib import Path

import pytest
import typer

import surefoot
from surefoot.analysis import Quality
from surefoot.cli import app
from surefoot.columns import STRIDE_COLUMNS
from surefoot.findings.baseline import BASELINE_COLUMNS
from surefoot.findings.comparison import COMPARISON_COLUMNS
from surefoot.findings.flags import FLAG_COLUMNS
from surefoot.findings.model import METRICS
from surefoot.findings.parameters import CONTEXT_METRICS
from surefoot.settings import Settings
from surefoot.terrain.model import Placement
from surefoot.terrain.parameters import TerrainParameters
from surefoot.terrain.segments import SEGMENT_COLUMNS

ROOT = Path(__file__).parents[1]
DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
}
METRICS_PAGE = DOCUMENTS["docs/metrics.md"]
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", METRICS_PAGE, re.DOTALL | re.MULTILINE))
UNIT_ENDINGS = "s|ms|m|mps|deg|dps|g|hz|spm|share"

SPOKEN = [
    *(ROOT / name for name in DOCUMENTS),
    *(ROOT / "host/surefoot/report").glob("*.html"),
    *(ROOT / "host/surefoot/report").rglob("*.py"),
    *(ROOT / "host/surefoot/findings").glob("*.py"),
    *(ROOT / "host/surefoot/demo").glob("*.txt"),
    *(ROOT / "host/surefoot/cli").glob("*.py"),
    ROOT / "host/surefoot/analysis.py",
    ROOT / "host/surefoot/columns.py",
]
NOT_SAID = (
    "injur",
    r"abnormal",
    r"diagnos",
    r"risk score",
    r"high[- ]risk",
    r"\bunsafe\b",
    r"\bsafe (to|for|run|land|level|limit|zone)",
    r"danger",
    r"patholog",
    r"\bheal(s|ing)?\b",
    r"\bcures?\b",
    r"(reduces?|prevents?|relieves?|treats?) (the |your )?(knee )?pain",
    r"impact (force|score)",
    r"(load|stress) on (your|the) knee",
    r"tibial load",
    r"knee load",
)
"""Words of a medical claim, or that call an acceleration a force (stems, any case)."""


def _options() -> dict[str, set[str]]:
    group = typer.main.get_command(app)
    return {
        name: {"--help"}
        | {
            option
            for part in command.params
            for option in (*part.opts, *part.secondary_opts)
            if option.startswith("--")
        }
        for name, command in group.commands.items()
    }


OPTIONS = _options()


def test_every_column_has_its_section_in_order():
    assert list(SECTIONS) == [column.name for column in STRIDE_COLUMNS]


@pytest.mark.parametrize("column", STRIDE_COLUMNS, ids=lambda column: column.name)
def test_a_section_gives_unit_and_evidence_of_its_column(column):
    assert f"Unit: {column.unit or 'none'}. Evidence: {column.evidence or 'none'}." in SECTIONS[column.name]


def test_experimental_measures_are_not_called_validated():
    for column in STRIDE_COLUMNS:
        if column.evidence == "C":
            assert "validated at" not in SECTIONS[column.name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_names_with_units_exist(name):
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "host/surefoot").rglob("*.py"))
    known = set(re.findall(r"\w+", source))
    named = set(re.findall(rf"`([a-z][a-z0-9_]*_(?:{UNIT_ENDINGS}))`", DOCUMENTS[name]))
    assert named <= known, sorted(named - known)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_and_options_exist(name):
    code = re.findall(r"`([^`\n]+)`|^ {4}(.+)$", DOCUMENTS[name], re.MULTILINE)
    for line in (inline or block for inline, block in code):
        called = re.search(r"(?:^|/)surefoot ([a-z]+)(.*)", line)
        if called:
            assert called[1] in OPTIONS, line
            wanted, offered = re.findall(r"--[a-z][a-z0-9-]*", called[2]), OPTIONS[called[1]]
        else:
            wanted, offered = re.findall(r"^--[a-z][a-z0-9-]*", line), set().union(*OPTIONS.values())
        assert set(wanted) <= offered, line


def test_the_readme_explains_every_option_of_analyze():
    explained = set(re.findall(r"^\| `(--[a-z][a-z0-9-]*)` \|", DOCUMENTS["README.md"], re.MULTILINE))
    assert explained >= OPTIONS["analyze"] - {"--help", "--report"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    folder = (ROOT / name).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", DOCUMENTS[name]):
        if not target.startswith(("https://", "mailto:", "#")):
            assert (folder / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("path", SPOKEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_medical_is_claimed(path):
    text = path.read_text(encoding="utf-8")
    said = [match[0] for word in NOT_SAID for match in re.finditer(word, text, re.IGNORECASE)]
    assert not said


def test_formulas_have_the_figures_of_the_code():
    settings = Settings()
    contact, toe_off, stride = settings.gait.contact, settings.gait.toe_off, settings.gait.stride
    path, shock, steadiness = settings.gait.path, settings.landing.shock, settings.landing.steadiness
    pod = TerrainParameters().pod_parts
    figures = {
        "contact_s": (
            f"({contact.cutoff_hz:g} Hz low-pass) has made {contact.rise_share:.0%}".replace("%", " %"),
            f"{1e3 * contact.turn_lead_s:g} ms after the forward swing",
            f"rise + {contact.turn_weight:g} x",
            f"limited to {1e3 * contact.turn_limit_s:g} ms",
        ),
        "toe_off_s": (
            f"({toe_off.cutoff_hz:g} Hz low-pass)",
            f"further than {1e3 * toe_off.agree_s:g} ms",
            f"{100 * toe_off.turn_share:g} % of its fall",
            f"axial acceleration {100 * toe_off.axial_share:g} %",
            f"forward acceleration {100 * toe_off.push_share:g} %",
            f"{-1e3 * toe_off.offset_s:g} ms\nare taken off|{-1e3 * toe_off.offset_s:g} ms are taken off",
        ),
        "stride_time_s": ("from {:g} to {:g} s".format(*stride.stride_time_s),),
        "stride_length_m": (
            "{:.0f} to {:.0f} % of stance".format(*(100 * path.forward_phases[end] for end in (0, -1))),
            f"{path.ankle_forward_mps:g} m/s",
            "over {:.0f} to {:.0f} %".format(*(100 * path.upward_phases[end] for end in (0, -1))),
        ),
        "speed_mps": ("from {:g} to {:g} m/s".format(*stride.speed_mps),),
        "grade": (f"{stride.grade_strides} strides",),
        "shock_axial_g": (
            f"{shock.cutoff_hz:g} Hz",
            f"{1e3 * shock.before_s:g} ms before to {1e3 * shock.window_s:g} ms",
        ),
        "clipped": (f"{100 * settings.checks.clip_margin_share:g} %",),
        "braking_dv_mps": (f"within {1e3 * settings.landing.braking.window_s:g} ms",),
        "off_plane": (f"{steadiness.cutoff_hz:g} Hz", f"over {1e3 * steadiness.window_s:g} ms"),
        "settle_ms": (
            "{:g} to {:g} Hz".format(*steadiness.settle_band_hz),
            f"at most {1e3 * steadiness.settle_cap_s:g}",
        ),
        "segment": (f"{100 * pod.enter_grade:g} % and {100 * pod.leave_grade:g} %",),
        "reject_reason": (
            "outside {:g} to {:g} ms".format(*(1e3 * limit for limit in stride.contact_time_s)),
            f"{100 * stride.longest_contact_share:g} % of the stride",
            f"{stride.outlier_mads:g} scaled MADs and {1e3 * stride.outlier_floor_s:g} ms",
            f"median of {stride.neighbours}",
        ),
    }
    for name, texts in figures.items():
        section = " ".join(SECTIONS[name].split())
        for text in texts:
            assert any(" ".join(form.split()) in section for form in text.split("|")), (name, text)


def test_the_smallest_changes_are_those_of_the_code():
    for metric in METRICS:
        change = Settings().findings.smallest_changes[metric]
        row = re.search(rf"^\| `{metric}` \| (.+) \|$", METRICS_PAGE, re.MULTILINE)
        assert row is not None, metric
        numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", row[1])]
        absolute = 1e3 * change.absolute if metric == "contact_time_s" else change.absolute
        assert numbers == ([100 * change.share] if change.share else []) + [absolute], metric
        assert ("only on the same kind of ground" in row[1]) == (metric in CONTEXT_METRICS), metric


@pytest.mark.parametrize(
    "names",
    [
        [field.name for field in fields(Quality)],
        [field.name for field in fields(Placement)],
        COMPARISON_COLUMNS,
        FLAG_COLUMNS,
        BASELINE_COLUMNS,
        SEGMENT_COLUMNS,
    ],
    ids=["quality", "placement", "comparisons", "flags", "baseline", "segments"],
)
def test_every_figure_of_the_summary_is_explained(names):
    explained = METRICS_PAGE.partition("## The summary")[2]
    assert [name for name in names if f"`{name}`" not in explained] == []


def test_the_reasons_for_rejection_are_all_explained():
    source = (ROOT / "host/surefoot/gait/strides.py").read_text(encoding="utf-8")
    given = re.findall(r'^        \(.*, "([a-z -]+)"\),$', source, re.MULTILINE)
    assert len(given) >= 5
    assert re.findall(r"`([a-z -]+)`", SECTIONS["reject_reason"]) == given


def test_the_installed_version_is_that_of_the_code():
    assert metadata.version("surefoot") == surefoot.__version__
    assert f"## [Unreleased]: {surefoot.__version__}" in DOCUMENTS["CHANGELOG.md"] or (
        f"## [{surefoot.__version__}]" in DOCUMENTS["CHANGELOG.md"]
    )
