"""The command scan: which pods can be heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.messages import busy, tell, tell_json
from surefoot.words import printable

if TYPE_CHECKING:
    from surefoot.pod.find import FoundPod


def scan(
    seconds: Annotated[float, typer.Option(help="How long to listen.", min=0.5, max=600, metavar="S")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the pods as JSON.", metavar="")] = False,
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


def _row(pod: FoundPod) -> tuple[str, str, str]:
    return printable(pod.name), pod.address, "-" if pod.rssi_dbm is None else f"{pod.rssi_dbm} dBm"
