"""The command line: it parses, calls and prints. What is heavy is imported inside the commands."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from surefoot import __version__
from surefoot.errors import SurefootError

if TYPE_CHECKING:
    from surefoot.analysis import Analysis
    from surefoot.settings import Settings

app = typer.Typer(
    help="Surefoot shows a runner how each landing goes, from one shin pod.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
messages = Console(stderr=True)
INTERRUPTED = 130


class Leg(StrEnum):
    """Leg that wears the pod."""

    left = "left"
    right = "right"


def main() -> None:
    """Run the command line: exit code 0 done, 2 cannot be done (one sentence says why), 130 stopped by the user."""
    # the matrices here are long and thin: threads would only wait for each other
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        sys.exit(_run())
    except SurefootError as error:
        _say(str(error))
    except OSError as error:
        _say(f"Cannot write or read {error.filename or 'the output'}: {(error.strerror or str(error)).lower()}.")
    sys.exit(2)


def _run() -> int:
    try:
        # typer turns an interrupt into its code by itself
        code = int(app(standalone_mode=False) or 0)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:
        # a usage error: typer keeps its class to itself
        if not hasattr(error, "format_message"):
            raise
        if error.format_message():
            _say(f"{error.format_message().rstrip('.')}; see surefoot --help.")
        code = 2
    if code == INTERRUPTED:
        _say("Stopped; no file was left half-written.")
    return code


def _say(sentence: str) -> None:
    messages.print(sentence, style="bold" if messages.is_terminal else None, markup=False, soft_wrap=True)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"surefoot {__version__}")
        raise typer.Exit


@app.callback()
def surefoot(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Surefoot shows a runner how each landing goes, from one shin pod."""


@app.command()
def analyze(
    run: Annotated[Path, typer.Argument(help="Recording: CSV with the columns t_s,ax,ay,az,gx,gy,gz (s, g, deg/s).")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")],
    side: Annotated[Leg | None, typer.Option(help="Leg that wears the pod; guessed if not given.")] = None,
    sensor_height: Annotated[
        float | None, typer.Option(help="Height of the sensor above the ankle joint, m.", metavar="M")
    ] = None,
    route: Annotated[Path | None, typer.Option(help="GPX or FIT file of the same run.", metavar="FILE")] = None,
    treadmill_speed: Annotated[
        float | None, typer.Option(help="Steady belt speed, m/s: calibrates stride length.", metavar="MPS")
    ] = None,
    speed_gain: Annotated[
        float | None, typer.Option(help="Calibration of stride length from an earlier summary.", metavar="X")
    ] = None,
    about: Annotated[str, typer.Option(help="What the recording is, in a sentence for the page.")] = "",
    report: Annotated[bool, typer.Option("--report/--no-report", help="Write report.html.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
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
    analysis = _analyze(run, out, route, settings, report)
    if as_json:
        _print_summary(analysis)
    else:
        _print_findings(analysis, out)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("surefoot-demo"),
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the report in the browser.")] = True,
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
        analysis = _analyze(run, out, None, settings, report=True)
    _print_findings(analysis, out)
    if show:
        webbrowser.open((out / "report.html").resolve().as_uri())


@app.command()
def validate(
    page: Annotated[Path | None, typer.Option(help="Page to write; docs/validation.md of the checkout.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON and write no page.")] = False,
) -> None:
    """Score all recordings that have a reference, beside published methods, and write docs/validation.md.

    Needs a checkout of the project: the recordings and the published methods live in its tests.

    Example: `surefoot validate`
    """
    from surefoot.validation.command import figures, write_page

    with _busy("Scoring the reference recordings"):
        typer.echo(figures() if as_json else write_page(page))


def _analyze(run: Path, out: Path, route: Path | None, settings: Settings, report: bool) -> Analysis:
    from surefoot.results import check_folder, write_results

    check_folder(out)
    with _busy(f"Analysing {run.name}"):
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


@contextmanager
def _busy(what: str) -> Iterator[None]:
    """Show that work goes on, where somebody can see it."""
    if not messages.is_terminal:
        yield
        return
    with messages.status(what):
        yield


def _print_summary(analysis: Analysis) -> None:
    from surefoot.results import summary

    typer.echo(json.dumps(summary(analysis), indent=2))


def _print_findings(analysis: Analysis, out: Path) -> None:
    quality = analysis.quality
    console = Console(soft_wrap=True, highlight=False)
    running_min = quality.activity_s["running"] / 60
    console.print(
        f"{analysis.name}: {quality.strides} landings in {running_min:.1f} min of running, "
        f"{quality.usable_strides} usable.",
        markup=False,
    )
    for sentence in analysis.findings.sentences:
        console.print(f"- {sentence.text}", markup=False)
        if sentence.advice:
            console.print(f"  {sentence.advice}", markup=False)
    console.print(analysis.findings.baseline_note, markup=False)
    for condition in quality.conditions:
        messages.print(f"{'!' if condition.serious else '·'} {condition.sentence}", markup=False, soft_wrap=True)
    console.print(_files(out), markup=False)


def _files(out: Path) -> Any:
    names = [
        name for name in ("report.html", "summary.json", "strides.csv", "strides.parquet") if (out / name).exists()
    ]
    return f"Written to {out}: {', '.join(names)}"
