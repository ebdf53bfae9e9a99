"""The command selftest: does a pod work, in numbers; `surefoot.selftest` measures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from surefoot.cli.messages import LOSSES
from surefoot.errors import ParameterError

SECONDS = (5.0, 3600.0)
"""Shorter says nothing of the rate; longer is a recording."""
METER_V = (2.5, 5.0)


def selftest(
    pod: Annotated[str | None, typer.Option(help="Name of the pod, or its last four digits.", metavar="NAME")] = None,
    port: Annotated[
        str | None, typer.Option(help="Serial port of a pod at the cable, instead of Bluetooth.", metavar="PORT")
    ] = None,
    faces: Annotated[
        bool, typer.Option("--faces/--no-faces", help="Ask for the six faces, and calibrate.", metavar="")
    ] = True,
    seconds: Annotated[float, typer.Option(help="How long to stream.", metavar="S")] = 60.0,
    meter: Annotated[
        float | None, typer.Option(help="What a meter reads at the cell, to compare the gauge with.", metavar="V")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the file with the result.", metavar="FOLDER")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.", metavar="")] = False,
) -> None:
    """Say with numbers and limits whether a pod works, and calibrate its accelerometer.

    The pod lies on a table for --seconds; then it is laid on each of its six faces. What fails or cannot be measured is
    said with the reason. Runs on the pod stay. Over --port the pod's program is interrupted and restarted at the end.
    Ends with 0 where it passed, 1 where something failed or must be measured again, 2 where no test could be made.

    Example: `surefoot selftest --pod 3A7F --meter 3.91 --out tests`
    """
    import asyncio

    from surefoot.cli.bench import BenchWishes, run_selftest

    if pod and port:
        raise ParameterError("--port", port, "a pod is tested by one way at a time", "give --pod or --port")
    if not SECONDS[0] <= seconds <= SECONDS[1]:
        raise ParameterError("--seconds", f"{seconds:g}", "it must be 5 to 3600", "leave it away for 60")
    if meter is not None and not METER_V[0] <= meter <= METER_V[1]:
        raise ParameterError("--meter", f"{meter:g}", "no cell of a pod has so many volts", "give it as 3.91")
    meter_mv = None if meter is None else round(meter * 1000)
    wishes = BenchWishes(pod, port, faces, seconds, meter_mv, out, as_json)
    try:
        passed = asyncio.run(run_selftest(wishes))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    if not passed:
        raise typer.Exit(LOSSES)
