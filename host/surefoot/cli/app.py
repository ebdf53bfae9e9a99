"""The commands by name, and the one door through which all of them are called."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from surefoot import __version__
from surefoot.cli import analysis, files, pull, record, scan, selftest
from surefoot.cli.flash import flash
from surefoot.cli.messages import CANNOT, INTERRUPTED, say
from surefoot.errors import SurefootError, reason

app = typer.Typer(
    help="Surefoot shows a runner how each landing goes, from one shin pod.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
_COMMANDS: tuple[Callable[..., None], ...] = (
    *(analysis.demo, scan.scan, record.record, pull.pull, analysis.analyze),
    *(files.info, files.verify, files.repair, selftest.selftest),
    flash,
)
for _command in _COMMANDS:
    app.command()(_command)
app.command("import")(files.import_run)
app.command("export")(files.export_run)
app.command()(analysis.validate)

_PLAIN = (("valid integer", "it must be a whole number"), ("valid number", "it must be a number"))
"""How whoever parses the command line says it, and how a person would."""


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
        say(_refused(error), strong=True)
    except ExceptionGroup as group:
        # from tasks that ran side by side
        first = group.exceptions[0]
        if not isinstance(first, OSError):
            raise
        say(_refused(first), strong=True)
    sys.exit(CANNOT)


def _refused(error: OSError) -> str:
    return f"Cannot write or read {error.filename or 'the output'}: {reason(error)}."


def _run() -> int:
    try:
        # typer turns an interrupt into its code by itself
        code = int(app(prog_name="surefoot", standalone_mode=False) or 0)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:
        # a usage error: typer keeps its class to itself
        if not hasattr(error, "format_message"):
            raise
        if error.format_message():
            say(_plain(error), strong=True)
        code = CANNOT
    if code == INTERRUPTED:
        say("Stopped; no file was left half-written.", strong=True)
    return code


def _plain(usage_error: Any) -> str:
    """Return what is wrong with what was typed, and where it is explained, without the words of who parses it."""
    words = str(usage_error.format_message()).rstrip(".").replace("Value error, ", "")
    where = usage_error.ctx.command_path if usage_error.ctx else "surefoot"
    value = words.partition(": ")[0]
    for sign, plain in _PLAIN:
        if sign in words:
            words = f"{value}: {plain}"
    return f"{words}; see {where} --help."


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
