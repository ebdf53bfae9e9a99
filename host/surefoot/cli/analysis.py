"""Commands that analyse a recording: analyze, demo, validate."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.messages import busy, say, tell, tell_json

if TYPE_CHECKING:
    from surefoot.analysis import Analysis
    from surefoot.settings import Settings


class Leg(StrEnum):
    """Leg that wears the pod."""

    left = "left"
    right = "right"


def analyze(
    run: Annotated[
        Path,
        typer.Argument(
            help="Recording: a run file, CSV with the columns t_s,ax,ay,az,gx,gy,gz (s, g, deg/s), or one that "
            "`surefoot import` reads."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.", metavar="FOLDER")],
    side: Annotated[
        Leg | None,
        typer.Option(help="Leg that wears the pod; else as the run file says, or guessed.", metavar="left|right"),
    ] = None,
    sensor_height: Annotated[
        float | None,
        typer.Option(help="Height of the sensor above the ankle joint, m; else as the run file says.", metavar="M"),
    ] = None,
    route: Annotated[Path | None, typer.Option(help="GPX or FIT file of the same run.", metavar="FILE")] = None,
    treadmill_speed: Annotated[
        float | None, typer.Option(help="Steady belt speed, m/s: calibrates stride length.", metavar="MPS")
    ] = None,
    speed_gain: Annotated[
        float | None, typer.Option(help="Calibration of stride length from an earlier summary.", metavar="X")
    ] = None,
    about: Annotated[str, typer.Option(help="What the recording is, in a sentence for the page.", metavar="TEXT")] = "",
    report: Annotated[bool, typer.Option("--report/--no-report", help="Write report.html.", metavar="")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.", metavar="")] = False,
) -> None:
    """Find and measure every landing of a recording: strides.parquet, strides.csv, summary.json, report.html.

    Example: `surefoot analyze run.csv --out run --side left --sensor-height 0.145 --route run.gpx`
    """
    from surefoot.settings import Settings

    settings = Settings(
        side=side.value if side else "unknown",
        sensor_height_m=sensor_height,
        speed_gain=speed_gain,
        treadmill_speed_mps=treadmill_speed,
        about=about,
    )
    analysis = analyze_into(run, out, route, settings, report)
    if as_json:
        print_summary(analysis)
    else:
        print_findings(analysis, out)


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results.", metavar="FOLDER")] = Path("surefoot-demo"),
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the report in the browser.", metavar="")] = True,
) -> None:
    """Analyse a bundled recording of a real runner on a treadmill and open its report.

    Example: `surefoot demo`
    """
    import webbrowser
    from importlib import resources

    from surefoot.settings import Settings

    bundle = resources.files("surefoot") / "demo"
    about = (bundle / "about.txt").read_text(encoding="utf-8").strip()
    with resources.as_file(bundle / "treadmill.csv.gz") as run:
        settings = Settings(side="right", sensor_height_m=0.145, about=about)
        analysis = analyze_into(run, out, None, settings, report=True)
    print_findings(analysis, out)
    if show:
        webbrowser.open((out / "report.html").resolve().as_uri())


def validate(
    page: Annotated[
        Path | None, typer.Option(help="Page to write; docs/validation.md of the checkout.", metavar="FILE")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON and write no page.", metavar="")
    ] = False,
) -> None:
    """Score all recordings that have a reference, beside published methods, and write docs/validation.md.

    Needs a checkout of the project: the recordings and the published methods live in its tests.

    Example: `surefoot validate`
    """
    from surefoot.validation.command import figures, write_page

    with busy("Scoring the reference recordings"):
        typer.echo(figures() if as_json else write_page(page))


def analyze_into(run: Path, out: Path, route: Path | None, settings: Settings, report: bool) -> Analysis:
    """Analyse the recording `run` and write the results into the folder `out`.

    Raises
    ------
    SurefootError
    """
    from surefoot.results import check_folder, write_results

    check_folder(out)
    with busy(f"Analysing {run.name}"):
        from surefoot.analysis import analyze as analyze_recording
        from surefoot.recording import read_recording
        from surefoot.terrain.route import read_route

        track = read_route(route) if route else None
        analysis = analyze_recording(read_recording(run), settings, track)
        page = None
        if report:
            from surefoot.report.page import render

            page = render(analysis)
        write_results(analysis, out, page)
    return analysis


def print_summary(analysis: Analysis) -> None:
    """Print the summary as JSON."""
    from surefoot.results import summary

    tell_json(summary(analysis))


def print_findings(analysis: Analysis, out: Path) -> None:
    """Print what was found in sentences, and what is to be known about the recording on stderr."""
    quality = analysis.quality
    running_min = quality.activity_s["running"] / 60
    tell(
        f"{analysis.name}: {quality.strides} landings in {running_min:.1f} min of running, "
        f"{quality.usable_strides} usable."
    )
    for sentence in analysis.findings.sentences:
        tell(f"- {sentence.text}")
        if sentence.advice:
            tell(f"  {sentence.advice}")
    tell(analysis.findings.baseline_note)
    for condition in quality.conditions:
        say(f"{'!' if condition.serious else '·'} {condition.sentence}")
    tell(_files(out))


def _files(out: Path) -> str:
    names = [
        name for name in ("report.html", "summary.json", "strides.csv", "strides.parquet") if (out / name).exists()
    ]
    return f"Written to {out}: {', '.join(names)}"
