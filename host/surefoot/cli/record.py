"""The command record: from the choice of a pod to what is in the file; `tracks` does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.analysis import Leg, analyze_into, print_findings
from surefoot.cli.messages import CANNOT, INTERRUPTED, LOSSES, busy, say, somebody_is_there, tell, tell_json
from surefoot.cli.virtual import VIRTUAL, VIRTUAL_RATE_HZ
from surefoot.errors import ParameterError, SeveralPods, SurefootError
from surefoot.sensor_height import check_sensor_height
from surefoot.wire.settings import RATES_HZ
from surefoot.words import clock_time, count_of, printable

if TYPE_CHECKING:
    from surefoot.cli.tracks import Track, Wishes
    from surefoot.pod.outcome import Outcome
    from surefoot.recording.examination import Examination

NO_LOSSES = ("calibrated", "marks")
"""Codes of what is known of a file without being a fault."""
_RATES = f"{', '.join(map(str, RATES_HZ[:-1]))} or {RATES_HZ[-1]}"


def record(
    out: Annotated[Path, typer.Option(help="Folder for the run file.", metavar="FOLDER")] = Path(),
    pod: Annotated[
        list[str] | None,
        typer.Option(help="Name of the pod, or its last four digits; twice for one on each leg.", metavar="NAME"),
    ] = None,
    side: Annotated[
        list[Leg] | None,
        typer.Option(help="Leg that wears the pod; with two pods twice, in their order.", metavar="left|right"),
    ] = None,
    sensor_height: Annotated[
        float | None, typer.Option(help="Height of the sensor above the ankle joint, m.", metavar="M")
    ] = None,
    rate: Annotated[
        int | None, typer.Option(help=f"Samples a second: {_RATES}; else as the pod is set.", metavar="HZ")
    ] = None,
    duration: Annotated[float | None, typer.Option(help="End by itself after so many seconds.", metavar="S")] = None,
    note: Annotated[str, typer.Option(help="What the run is, in a sentence for the file.", metavar="TEXT")] = "",
    stand: Annotated[
        bool, typer.Option("--stand/--no-stand", help="Ask to stand still for five seconds.", metavar="")
    ] = True,
    plain: Annotated[
        bool, typer.Option("--plain", help="A line a second instead of the live screen.", metavar="")
    ] = False,
    analyze: Annotated[
        bool | None, typer.Option("--analyze/--no-analyze", help="Analyse at the end; asked if not said.", metavar="")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="At the end print what is in the file as JSON.", metavar="")
    ] = False,
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
    _check(names, wishes)
    while True:
        try:
            tracks = asyncio.run(record_tracks(names, wishes))
            break
        except SeveralPods as several:
            names = _ask_which(several)
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
    _report(tracks, as_json)
    if any(track.is_hurried and not track.is_done for track in tracks):
        raise typer.Exit(INTERRUPTED)
    failed = [track.failure for track in tracks if track.failure] + _analyze_all(tracks, analyze, as_json)
    if failed or not all(track.outcome and track.outcome.is_closed for track in tracks):
        raise typer.Exit(CANNOT)
    if not all(track.is_done for track in tracks):
        raise typer.Exit(LOSSES)


def _check(names: list[str], wishes: Wishes) -> None:
    sides, rate_hz, duration_s = wishes.sides, wishes.rate_hz, wishes.duration_s
    if rate_hz not in (None, *RATES_HZ):
        raise ParameterError("--rate", rate_hz, "the pod does not have it", f"give {_RATES}")
    if rate_hz not in (None, VIRTUAL_RATE_HZ) and VIRTUAL in names:
        raise ParameterError("--rate", rate_hz, f"the virtual pod's runner is at {VIRTUAL_RATE_HZ} Hz", "leave it away")
    if duration_s is not None and not duration_s >= 1:
        raise ParameterError("--duration", f"{duration_s:g}", "it is too short", "give a second or more")
    check_sensor_height(wishes.sensor_height_m)
    if len(names) > 2:
        raise ParameterError("--pod", " ".join(names), "at most two pods are recorded at once", "name one or two")
    if len(sides) > max(1, len(names)) or len(set(sides)) < len(sides):
        raise ParameterError(
            "--side", " ".join(sides), "each pod has one leg of its own", "give --pod and --side in the same order"
        )


def _ask_which(several: SeveralPods) -> list[str]:
    """Let the runner choose from the pods that were heard."""
    if not somebody_is_there():
        raise several
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
                    "ended_by": _ended_by(track.outcome),
                    "sentences": track.outcome.sentences,
                    "files": [found.as_dict() for found in files],
                }
            )
            continue
        for sentence in track.outcome.sentences or (f"Nothing was recorded from {track.outcome.pod}.",):
            tell(sentence)
        for found in files:
            # a pod that started anew made two files, and counted anew
            _tell_file(found, track.figures.landings if len(files) == 1 else None)
    if as_json:
        tell_json(facts)


def _tell_file(found: Examination, landings: int | None) -> None:
    """Say how much there is, what is lost and where it is; `info` knows the rest."""
    run = found.run
    if run is not None:
        counts = [count_of(run.samples, "sample")]
        counts += [count_of(landings, "landing")] if landings is not None else []
        counts += [count_of(len(found.marks), "mark")]
        tell(f"- {clock_time(run.duration_s)} long: {', '.join(counts)}.")
        losses = [one.sentence for one in found.conditions if one.code not in NO_LOSSES]
        for sentence in losses or ["Nothing is lost."]:
            tell(f"- {sentence}")
    tell("Written to", str(found.path))


def _ended_by(outcome: Outcome) -> str | None:
    """Return who or what ended the run, where the pod told it."""
    from surefoot.wire.records import EndReason, in_words

    return None if outcome.ended_by is None else in_words(EndReason, outcome.ended_by, "reason")


def _asked_to_analyse(files: Sequence[Path]) -> bool:
    """Ask, where somebody is there."""
    if not somebody_is_there():
        return False
    try:
        return typer.confirm("Analyse now?", True, err=True)
    except typer.Abort:
        # the question is still on the line
        say("")
        for path in files:
            say("Not analysed; the recording is kept in", str(path), strong=True)
        return False


def _analyze_all(tracks: Sequence[Track], wanted: bool | None, as_json: bool) -> list[SurefootError]:
    """Analyse each file into a folder beside it, if that is wished; return what could not be."""
    from surefoot.recording.commands import analysis_folder, analyze_command
    from surefoot.settings import Settings

    failed: list[SurefootError] = []
    files = [file.path for track in tracks if track.outcome for file in track.outcome.files]
    if wanted is None:
        wanted = bool(files) and not as_json and _asked_to_analyse(files)
    if not wanted and not as_json:
        for path in files:
            tell("Analyse it later:", analyze_command(path))
    for path in files if wanted else ():
        folder = analysis_folder(path)
        try:
            analysis = analyze_into(path, folder, None, Settings(), report=True)
        except SurefootError as error:
            say(str(error), strong=True)
            failed.append(error)
        else:
            if not as_json:
                print_findings(analysis, folder)
    return failed
