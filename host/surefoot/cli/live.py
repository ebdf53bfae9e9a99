"""The command record: from the choice of a pod to what is in the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.analysis import Leg, analyze_into, print_findings
from surefoot.cli.messages import CANNOT, INTERRUPTED, busy, printable, say, somebody_is_there, tell, tell_json
from surefoot.errors import ParameterError, PodError, SeveralPods, SurefootError

if TYPE_CHECKING:
    from surefoot.cli.tracks import Track


RATES_HZ = (200, 250, 500, 1000)


def record(
    out: Annotated[Path, typer.Option(help="Folder for the run file.", metavar="FOLDER")] = Path(),
    pod: Annotated[
        list[str] | None,
        typer.Option(help="Name of the pod, or its last four digits; twice for one on each leg.", metavar="NAME"),
    ] = None,
    side: Annotated[
        list[Leg] | None, typer.Option(help="Leg that wears the pod; with two pods twice, in their order.")
    ] = None,
    sensor_height: Annotated[
        float | None,
        typer.Option(help="Height of the sensor above the ankle joint, m.", min=0.02, max=0.45, metavar="M"),
    ] = None,
    rate: Annotated[
        int | None, typer.Option(help="Samples a second: 200, 250, 500 or 1000; else as the pod is set.", metavar="HZ")
    ] = None,
    duration: Annotated[float | None, typer.Option(help="End by itself after so long.", min=1, metavar="S")] = None,
    note: Annotated[str, typer.Option(help="What the run is, in a sentence for the file.")] = "",
    stand: Annotated[bool, typer.Option("--stand/--no-stand", help="Ask to stand still for five seconds.")] = True,
    plain: Annotated[bool, typer.Option("--plain", help="A line a second instead of the live screen.")] = False,
    analyze: Annotated[
        bool | None, typer.Option("--analyze/--no-analyze", help="Analyse at the end; asked if not said.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="At the end print what is in the file as JSON.")] = False,
) -> None:
    """Record a run from a pod, or from one on each leg, until q, Ctrl-C or the end of --duration.

    m sets a mark. A link that breaks comes back by itself, and what the pod kept meanwhile is fetched. A second Ctrl-C
    leaves at once, and `surefoot pull` fetches the rest. `--pod virtual` records from a pod without hardware, in a
    checkout of the project.

    Example: `surefoot record --out runs --side left --sensor-height 0.145`
    """
    import asyncio

    from surefoot.cli.tracks import Wishes, record_tracks

    wishes = Wishes(
        folder=out,
        sides=tuple(leg.value for leg in side or ()),
        sensor_height_m=sensor_height,
        rate_hz=rate,
        note=note,
        stand=stand,
        duration_s=duration,
        plain=plain,
        on_stderr=as_json,
    )
    names = list(pod or ())
    _check(names, wishes.sides, rate)
    while True:
        try:
            tracks = asyncio.run(record_tracks(names, wishes))
            break
        except SeveralPods as several:
            names = _ask_which(several)
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
    _report(tracks, as_json)
    if any(track.is_hurried for track in tracks):
        raise typer.Exit(INTERRUPTED)
    failed = [track.failure for track in tracks if track.failure] + _analyze_all(tracks, analyze, as_json)
    if failed or not all(track.is_done for track in tracks):
        raise typer.Exit(CANNOT)


def _check(names: list[str], sides: tuple[str, ...], rate_hz: int | None) -> None:
    if rate_hz not in (None, *RATES_HZ):
        raise ParameterError("--rate", rate_hz, "the pod does not have it", "give 200, 250, 500 or 1000")
    if len(names) > 2:
        raise ParameterError("--pod", len(names), "at most two pods are recorded at once", "name one or two")
    if len(sides) > max(1, len(names)) or len(set(sides)) < len(sides):
        raise ParameterError(
            "--side", " ".join(sides), "each pod has one leg of its own", "give --pod and --side in the same order"
        )


def _ask_which(several: SeveralPods) -> list[str]:
    """Let the runner choose from the pods that were heard."""
    if not somebody_is_there():
        raise PodError("", several.why, f"name one with --pod, such as --pod {several.pods[0][-4:]}")
    for number, name in enumerate(several.pods, 1):
        say(f"{number}  {printable(name)}")
    while True:
        answer = typer.prompt("Which one? A number; two numbers for a pod on each leg", err=True)
        chosen = [int(part) for part in str(answer).replace(",", " ").split() if part.isdecimal()]
        if len(set(chosen)) == len(chosen) in (1, 2) and all(1 <= number <= len(several.pods) for number in chosen):
            return [several.pods[number - 1] for number in chosen]
        say(f"Give one or two numbers from 1 to {len(several.pods)}.")


def _report(tracks: Sequence[Track], as_json: bool) -> None:
    """Say what came of each pod, and what is in each file."""
    facts: list[dict[str, Any]] = []
    for track in tracks:
        if track.failure:
            say(str(track.failure), strong=True)
        if track.outcome is None:
            continue
        with busy("Reading what was written"):
            from surefoot.recording.examination import examine

            files = [examine(file.path) for file in track.outcome.files]
        if as_json:
            facts.append(
                {
                    "pod": track.outcome.pod,
                    "complete": track.outcome.is_complete,
                    "sentences": track.outcome.sentences,
                    "files": [found.as_dict() for found in files],
                }
            )
            continue
        for sentence in track.outcome.sentences or (f"Nothing was recorded from {track.outcome.pod}.",):
            tell(sentence)
        for found in files:
            for sentence in found.sentences():
                tell(f"- {sentence}")
            tell(f"Written to {found.path}")
    if as_json:
        tell_json(facts)


def _analyze_all(tracks: Sequence[Track], wanted: bool | None, as_json: bool) -> list[SurefootError]:
    """Analyse each file into a folder beside it, if that is wished; return what could not be."""
    from surefoot.settings import Settings

    failed: list[SurefootError] = []
    files = [file.path for track in tracks if track.outcome for file in track.outcome.files]
    if wanted is None:
        wanted = bool(files) and not as_json and somebody_is_there() and typer.confirm("Analyse now?", True, err=True)
    for path in files if wanted else ():
        folder = path.with_suffix("")
        try:
            analysis = analyze_into(path, folder, None, Settings(), report=True)
        except SurefootError as error:
            say(str(error), strong=True)
            failed.append(error)
        else:
            if not as_json:
                print_findings(analysis, folder)
    return failed
