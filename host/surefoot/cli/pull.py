"""The command pull: the runs that a pod keeps; `fetch` does it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def pull(
    runs: Annotated[
        list[int] | None, typer.Argument(help="Numbers of runs; all, if none is given.", metavar="[RUN]...")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the run files.", metavar="FOLDER")] = Path(),
    pod: Annotated[str | None, typer.Option(help="Name of the pod, or its last four digits.", metavar="NAME")] = None,
    only_list: Annotated[
        bool, typer.Option("--list", help="List the runs on the pod and fetch none.", metavar="")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the runs on the pod.", metavar="")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was listed or fetched as JSON.", metavar="")
    ] = False,
) -> None:
    """Fetch the runs that a pod recorded alone, or the rest of one whose recording broke off.

    What the folder has already of a run is joined and not fetched again, so an interrupted pull goes on where it was.
    The pod forgets a run only when the copy was verified.

    Example: `surefoot pull --out runs`
    """
    import asyncio

    from surefoot.cli.fetch import Wanted, fetch

    asyncio.run(fetch(Wanted(pod, tuple(runs or ()), out, only_list, keep, as_json)))
