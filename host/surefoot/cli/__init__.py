"""The command line: it parses, calls and prints. What is heavy is imported inside the commands."""

from surefoot.cli.app import app as app
from surefoot.cli.app import main as main

__all__ = ["app", "main"]
