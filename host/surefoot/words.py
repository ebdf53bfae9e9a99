"""How numbers and the texts of others stand in sentences, wherever one is made."""

from __future__ import annotations


def count_of(number: int, noun: str) -> str:
    """Return '1 packet' or '2,345 packets'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size_of(size_bytes: int) -> str:
    """Return '85 bytes', '118 KB' or '14.2 MB', of 1000 bytes or 1,000,000."""
    if size_bytes < 1000:
        return count_of(size_bytes, "byte")
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1_000_000 else f"{size_bytes / 1e3:.0f} KB"


def clock_time(at_s: float) -> str:
    """Return '1:02:03' or '2:03' for seconds from the first sample, to the nearest one."""
    minutes, seconds = divmod(round(abs(at_s)), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"-{text}" if at_s < -0.5 else text


def stopwatch(elapsed_s: float) -> str:
    """Return '0:02:03' for a time that runs: always as wide, and only whole seconds that have passed."""
    minutes, seconds = divmod(int(elapsed_s), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def printable(text: str) -> str:
    """Return text that somebody else chose, a name from the air or a note, without what could steer a terminal.

    White space becomes a blank, anything else the replacement character.
    """
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "\ufffd" for letter in text)
