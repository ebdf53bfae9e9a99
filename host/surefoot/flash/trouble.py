"""What can go wrong between an image and a pod that runs."""

from __future__ import annotations

from surefoot.errors import SurefootError


class ImageError(SurefootError):
    """A MicroPython image that no pod can use, or that cannot be had; `name` is its file or address."""

    def __init__(self, name: str, why: str, next_step: str) -> None:
        self.name = name
        super().__init__(f"Cannot use the image {name}", why, next_step)


class BoardError(SurefootError):
    """A board that cannot be flashed as asked; `device` is its port."""

    def __init__(self, device: str, why: str, next_step: str) -> None:
        self.device = device
        super().__init__(f"Cannot flash the board at {device}" if device else "Cannot flash", why, next_step)


class ConsentNeeded(BoardError):
    """Something that is asked before it is done, and nobody is there to answer; `question` is what would be asked."""

    def __init__(self, device: str, question: str, why: str, next_step: str) -> None:
        self.question = question
        super().__init__(device, why, next_step)


class LoaderError(BoardError):
    """The boot loader did not do what it was asked for; `said` is the last line of esptool."""

    def __init__(self, device: str, said: str, why: str, next_step: str) -> None:
        self.said = said
        super().__init__(device, why, next_step)


class LoaderLost(LoaderError):
    """The chip stopped answering in the middle, or the port went away: what a pulled cable looks like."""


class NoLoader(LoaderError):
    """The chip did not enter its boot loader."""


class OtherBoard(BoardError):
    """At the port there is another board than the one that was looked at; `mac` is its number."""

    def __init__(self, device: str, mac: str) -> None:
        self.mac = mac
        super().__init__(
            device,
            f"another board is there now (MAC {mac}); nothing was written to it, and it was restarted",
            "plug in the first one and run the command again",
        )


class ReadBackDiffers(BoardError):
    """Flash does not hold what was written to it.

    Attributes
    ----------
    region : str
        What was written.
    offset : int
        First byte of flash that differs.
    """

    def __init__(self, device: str, region: str, offset: int) -> None:
        self.region = region
        self.offset = offset
        super().__init__(
            device,
            f"{region} reads back otherwise than it was written, first at {offset:#x}",
            "run the command again; if it stays so, the flash of this board is worn out",
        )


class PodSilent(BoardError):
    """All is written and right, but the pod does not start from it."""
