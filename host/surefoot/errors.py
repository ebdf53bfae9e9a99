"""Every error that a user can meet: what happened, why, and what to do next."""

from __future__ import annotations

from pathlib import Path


class SurefootError(Exception):
    """Something that cannot be done with what was given.

    Attributes
    ----------
    what, why, next_step : str
        Three parts of the one sentence a user reads, without a final full stop.
    """

    def __init__(self, what: str, why: str, next_step: str) -> None:
        self.what = what
        self.why = why
        self.next_step = next_step
        super().__init__(f"{what}: {why}; {next_step}.")


class RecordingError(SurefootError):
    """A recording that cannot be read or analysed; `path` names it."""

    def __init__(self, path: Path | str, why: str, next_step: str) -> None:
        self.path = Path(path)
        super().__init__(f"Cannot analyse {self.path.name}", why, next_step)


class RouteError(SurefootError):
    """A route that cannot be read or does not belong to the recording; `path` names it."""

    def __init__(self, path: Path | str, why: str, next_step: str) -> None:
        self.path = Path(path)
        super().__init__(f"Cannot use the route {self.path.name}", why, next_step)


class OutputError(SurefootError):
    """Results that cannot be written; `path` names the place."""

    def __init__(self, path: Path | str, why: str, next_step: str) -> None:
        self.path = Path(path)
        super().__init__(f"Cannot write to {self.path}", why, next_step)


class ParameterError(SurefootError):
    """A setting outside its possible range; `name` and `value` say which."""

    def __init__(self, name: str, value: object, why: str, next_step: str) -> None:
        self.name = name
        self.value = value
        super().__init__(f"Cannot use {name} = {value}", why, next_step)


class WireError(SurefootError):
    """Bytes that are not what docs/link.md says, or values that no bytes can say; `part` names what they should be."""

    def __init__(self, part: str, why: str, next_step: str = "ask the pod for it again") -> None:
        self.part = part
        super().__init__(f"Cannot use the {part}", why, next_step)
