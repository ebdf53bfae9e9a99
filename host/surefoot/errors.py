"""Every error that a user can meet: what happened, why, and what to do next."""

from __future__ import annotations

import errno
from pathlib import Path

from surefoot.words import size_of


def reason(error: OSError) -> str:
    """Return why the system refused, as part of a sentence."""
    return (error.strerror or str(error)).lower()


def remedy(error: OSError, otherwise: str) -> str:
    """Return what to do where the system refused to write: free some space if that is it, or else something else."""
    return f"free some space or {otherwise}" if error.errno in (errno.ENOSPC, errno.EDQUOT) else otherwise


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
    """A recording that cannot be read or analysed; `path` names it, as it was given."""

    def __init__(self, path: Path | str, why: str, next_step: str) -> None:
        self.path = Path(path)
        super().__init__(f"Cannot use {self.path}", why, next_step)


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


class PodError(SurefootError):
    """A pod that cannot be used as asked; `pod` is its name, empty where none is meant."""

    def __init__(self, pod: str, why: str, next_step: str) -> None:
        self.pod = pod
        super().__init__(f"Cannot use {pod}" if pod else "Cannot use a pod", why, next_step)


class BluetoothUnavailable(PodError):
    """Bluetooth of this computer is missing, switched off or not allowed."""

    def __init__(self, why: str, next_step: str) -> None:
        super().__init__("", why, next_step)


class PodNotFound(PodError):
    """No pod, or not the one that was named, was heard."""


class SeveralPods(PodError):
    """Several pods and none was named; `pods` are their names."""

    def __init__(self, pods: tuple[str, ...]) -> None:
        self.pods = pods
        next_step = f"name one with --pod, such as --pod {pods[0][-4:]}"
        super().__init__("", f"there are several: {', '.join(pods)}", next_step)


class PairingNeeded(PodError):
    """The pod does not know this computer, or this computer not the pod: its button opens pairing."""


class SentAway(PairingNeeded):
    """The pod ended the link before it said who it is: as it does with computers it does not know, or by chance."""


class PodBusy(PodError):
    """Another device drives the pod."""


class PodRefused(PodError):
    """The pod answered a request with an error; `code` is its number in docs/link.md."""

    def __init__(self, pod: str, code: int, why: str, next_step: str) -> None:
        self.code = code
        super().__init__(pod, why, next_step)


class LinkLost(PodError):
    """The link to the pod broke; whoever records connects again."""


class RunWriteError(SurefootError):
    """A run file that takes no more, because of `error`; `remedy` is what can be done about that.

    The first `saved_bytes` bytes of the file `path` are whole frames and stay; none, where the file was removed.
    """

    def __init__(self, path: Path | str, saved_bytes: int, error: OSError) -> None:
        self.path = Path(path)
        self.saved_bytes = saved_bytes
        self.remedy = remedy(error, "use another disk" if saved_bytes else "record anew")
        saved = (
            f"the {size_of(saved_bytes)} written before are kept in {self.path}" if saved_bytes else "nothing is left"
        )
        super().__init__(f"Cannot go on writing {self.path.name}", reason(error), f"{saved}; {self.remedy}")
