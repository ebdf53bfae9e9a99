"""How sentences are laid out: whole in a pipe, broken between words on a terminal, with what is copied on one line."""

from __future__ import annotations

import io

from rich.console import Console

from surefoot.cli import messages

SENTENCE = "- The pod measured nothing 2 times, 0.31 s in all: its sensor restarted."
COMMAND = "surefoot analyze 'runs of today/2026-11-23_081210_3A7F-12.run' --out 'runs of today'"


def _said(monkeypatch, terminal: bool, *words: str) -> list[str]:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=40, highlight=False, color_system=None)
    monkeypatch.setattr(messages, "messages", console)
    messages.say(*words)
    return written.getvalue().splitlines()


def test_a_pipe_gets_one_line(monkeypatch):
    assert _said(monkeypatch, False, SENTENCE, COMMAND) == [f"{SENTENCE} {COMMAND}"]


def test_a_terminal_gets_whole_words(monkeypatch):
    lines = _said(monkeypatch, True, SENTENCE)
    assert lines == ["- The pod measured nothing 2 times, 0.31", "  s in all: its sensor restarted."]


def test_what_is_copied_is_never_broken(monkeypatch):
    assert _said(monkeypatch, True, "Analyse it:", COMMAND) == ["Analyse it:", f"  {COMMAND}"]
    assert _said(monkeypatch, True, "Written to", "runs/a.run") == ["Written to runs/a.run"]
