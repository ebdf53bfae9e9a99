"""Commands over files of recordings: info, verify, repair, import, export."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.messages import CANNOT, DONE, LOSSES, busy, say, tell, tell_json
from surefoot.errors import ParameterError, SurefootError
from surefoot.words import count_of

if TYPE_CHECKING:
    from surefoot.recording import Condition
    from surefoot.recording.examination import Examination

WHOLE = "whole"


class Kind(StrEnum):
    """Kinds of files that a recording is exported to."""

    csv = "csv"
    parquet = "parquet"
    mcap = "mcap"


def info(
    run: Annotated[Path, typer.Argument(help="Run file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print all facts as JSON.", metavar="")] = False,
) -> None:
    """Say what is in a run file: pod, settings, true rate and drift of its clock, marks, what is lost, what happened.

    Example: `surefoot info 2026-11-23_081210_3A7F-12.run`
    """
    found = _examine(run)
    if as_json:
        tell_json(found.as_dict())
        return
    for sentence in found.sentences():
        tell(sentence)
    for step in found.next_steps():
        say(*step)


def verify(
    runs: Annotated[list[Path], typer.Argument(help="Run files.", metavar="RUN...")],
    as_json: Annotated[bool, typer.Option("--json", help="Print all facts as JSON.", metavar="")] = False,
) -> None:
    """Check run files: every frame, every packet, the hash. One line for each, and more where something is wrong.

    Exit code 0: all are whole, from the start of the run to its end. 1: all can be read, but something is lost or
    damaged, or a file was not closed. 2: at least one cannot be read.

    Example: `surefoot verify runs/*.run`
    """
    code, facts = DONE, []
    for run in runs:
        try:
            found = _examine(run)
        except SurefootError as error:
            code = CANNOT
            facts.append({"path": str(run), "complete": False, "error": str(error)})
            say(str(error), strong=True)
            continue
        facts.append(found.as_dict())
        if not found.complete:
            code = max(code, LOSSES)
        if not as_json:
            _tell_verdict(found)
    if as_json:
        tell_json(facts)
    raise typer.Exit(code)


def repair(
    run: Annotated[Path, typer.Argument(help="Run file.")],
    out: Annotated[Path, typer.Option(help="File to write; the given one stays as it is.", metavar="FILE")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what is in the new file as JSON.", metavar="")] = False,
) -> None:
    """Write what survives of a damaged run file as a whole one: packets in order, each once, closed by a hash.

    Nothing is invented: what is lost stays lost, and the new file says so.

    Example: `surefoot repair damaged.run --out repaired.run`
    """
    import time

    with busy(f"Repairing {run.name}"):
        from surefoot.recording.repair import repair as repair_run

        found = repair_run(run, out, writer="surefoot repair", utc_us=time.time_ns() // 1000)
    if as_json:
        tell_json(found.as_dict())
        return
    for sentence in found.sentences():
        tell(sentence)
    tell("Written to", str(out))


def import_run(
    file: Annotated[
        Path,
        typer.Argument(help="Recording of phyphox (CSV, zip), IMeasureU or Vicon, Xsens DOT or Movesense (CSV)."),
    ],
    out: Annotated[Path, typer.Option(help="CSV to write, gzipped if it ends in .gz.", metavar="FILE")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if there is one.", metavar="")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was read as JSON.", metavar="")] = False,
) -> None:
    """Turn a recording of another program into CSV with the columns t_s,ax,ay,az,gx,gy,gz (s, g, deg/s).

    `analyze` reads such files directly, too. Gaps stay gaps; what had to be converted or left out is said.

    Example: `surefoot import phyphox.zip --out run.csv.gz`
    """
    with busy(f"Reading {file.name}"):
        from surefoot.recording.export import import_recording

        recording = import_recording(file, out, overwrite=overwrite)
    _tell_written(len(recording.t_s), recording.conditions, out, as_json)


def export_run(
    run: Annotated[Path, typer.Argument(help="Recording of any kind that analyze reads.")],
    kind: Annotated[Kind | None, typer.Option("--format", help="Kind of file, if --out does not say it.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; else beside the recording.", metavar="FILE")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if there is one.", metavar="")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.", metavar="")] = False,
) -> None:
    """Write the samples of a recording, with their time, for other programs: CSV, Parquet or MCAP.

    Example: `surefoot export 2026-11-23_081210_3A7F-12.run --format parquet`
    """
    target = _target(run, kind, out)
    with busy(f"Writing {target.name}"):
        from surefoot.recording.export import export_recording

        recording = export_recording(run, target, overwrite=overwrite)
    _tell_written(len(recording.t_s), recording.conditions, target, as_json)


def _examine(run: Path) -> Examination:
    with busy(f"Reading {run.name}"):
        from surefoot.recording.examination import examine

        return examine(run)


def _tell_verdict(found: Examination) -> None:
    if found.complete:
        tell(f"{found.path}: {WHOLE}")
        for sentence in found.event_sentences():
            tell(f"  {sentence}")
        return
    tell(f"{found.path}: readable, not whole")
    for sentence in found.sentences():
        tell(f"  {sentence}")
    for step in found.next_steps():
        tell(f"  {step.sentence}", step.command)


def _target(run: Path, kind: Kind | None, out: Path | None) -> Path:
    """Return the file to write; the end of its name says its kind."""
    if out is None:
        stem = run.name.removesuffix(".gz")
        return run.with_name(f"{Path(stem).stem}.{(kind or Kind.csv).value}")
    if kind is not None and not out.name.lower().removesuffix(".gz").endswith(f".{kind.value}"):
        raise ParameterError(
            "--format", kind.value, f"{out.name} is the name of another kind", "leave one of them away"
        )
    return out


def _tell_written(samples: int, conditions: Sequence[Condition], out: Path, as_json: bool) -> None:
    if as_json:
        told: list[dict[str, Any]] = [{"code": one.code, "sentence": one.sentence} for one in conditions]
        tell_json({"path": str(out), "samples": samples, "conditions": told})
        return
    for condition in conditions:
        say(f"{'!' if condition.serious else '·'} {condition.sentence}")
    tell(f"{count_of(samples, 'sample')} written to", str(out))
