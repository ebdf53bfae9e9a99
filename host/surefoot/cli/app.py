"""The commands by name, and the one door through which all of them are called."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from surefoot import __version__
from surefoot.cli import analysis, files, live, pods
from surefoot.cli.messages import CANNOT, INTERRUPTED, say
from surefoot.errors import SurefootError

app = typer.Typer(
    help="Surefoot shows a runner how each landing goes, from one shin pod.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
_COMMANDS: tuple[Callable[..., None], ...] = (
    *(analysis.demo, pods.scan, live.record, pods.pull, analysis.analyze),
    *(files.info, files.verify, files.repair),
)
for _command in _COMMANDS:
    app.command()(_command)
app.command("import")(files.import_run)
app.command("export")(files.export_run)
app.command()(analysis.validate)


def main() -> None:
    """Run the command line: exit code 0 done, 2 cannot be done (one sentence says why), 130 stopped by the user.

    `verify` ends with 1 where all files can be read and something is lost.
    """
    # the matrices here are long and thin: threads would only wait for each other
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        sys.exit(_run())
    except SurefootError as error:
        say(str(error), strong=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        say(f"Cannot write or read {error.filename or 'the output'}: {why}.", strong=True)
    sys.exit(CANNOT)


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
            say(f"{error.format_message().rstrip('.')}; see surefoot --help.", strong=True)
        code = CANNOT
    if code == INTERRUPTED:
        say("Stopped; no file was left half-written.", strong=True)
    return code


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
