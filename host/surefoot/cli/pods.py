"""The commands scan and pull; record is in `live`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.messages import busy, printable, tell, tell_json

if TYPE_CHECKING:
    from surefoot.pod.find import FoundPod


def scan(
    seconds: Annotated[float, typer.Option(help="How long to listen.", min=0.5, max=600, metavar="S")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the pods as JSON.")] = False,
) -> None:
    """List the pods that can be heard, the nearest first: name, address, signal.

    Example: `surefoot scan --seconds 10`
    """
    import asyncio

    from surefoot.errors import PodNotFound
    from surefoot.pod.find import find_pods

    with busy(f"Listening for {seconds:g} s"):
        pods = asyncio.run(find_pods(seconds))
    if as_json:
        tell_json([{"name": pod.name, "address": pod.address, "rssi_dbm": pod.rssi_dbm} for pod in pods])
    if not pods:
        raise PodNotFound(
            "", f"none was heard in {seconds:g} s", "switch one on, bring it near, and see that no phone holds it"
        )
    if not as_json:
        for row in [("name", "address", "signal"), *map(_row, pods)]:
            tell(f"{row[0]:<14}  {row[1]:<36}  {row[2]}".rstrip())


def pull(
    runs: Annotated[
        list[int] | None, typer.Argument(help="Numbers of runs; all, if none is given.", metavar="[RUN]...")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the run files.", metavar="FOLDER")] = Path(),
    pod: Annotated[str | None, typer.Option(help="Name of the pod, or its last four digits.", metavar="NAME")] = None,
    only_list: Annotated[bool, typer.Option("--list", help="List the runs on the pod and fetch none.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the runs on the pod.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was listed or fetched as JSON.")] = False,
) -> None:
    """Fetch the runs that a pod recorded alone, or the rest of one whose recording broke off.

    What the folder has already of a run is joined and not fetched again, so an interrupted pull goes on where it was.
    The pod forgets a run only when the copy was verified.

    Example: `surefoot pull --out runs`
    """
    import asyncio

    from surefoot.cli.fetch import Wanted, fetch

    asyncio.run(fetch(Wanted(pod, tuple(runs or ()), out, only_list, keep, as_json)))


def _row(pod: FoundPod) -> tuple[str, str, str]:
    return printable(pod.name), pod.address, "-" if pod.rssi_dbm is None else f"{pod.rssi_dbm} dBm"
