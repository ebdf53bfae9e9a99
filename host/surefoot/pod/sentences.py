"""What is said at the end of a recording."""

from __future__ import annotations

from collections.abc import Sequence

from surefoot.errors import PodError, SurefootError
from surefoot.pod.outcome import ENDINGS, RecordedFile
from surefoot.wire.records import End


def sentences(files: Sequence[RecordedFile], end: End | None, failure: SurefootError | None) -> tuple[str, ...]:
    """Return what happened to each file, and what to do about what is missing."""
    said = [ENDINGS[end.reason]] if end and end.reason in ENDINGS else []
    if failure:
        said.append(str(failure))
    said += [_about(file) for file in files]
    if failure and not isinstance(failure, PodError):
        said.append(
            "The pod goes on recording alone and keeps what it can: end it with a short press of its button, "
            "then fetch the rest with `surefoot pull`."
        )
    elif any(not file.closed for file in files):
        said.append("`surefoot pull` fetches the rest and joins it to the file, as long as the pod keeps it.")
    return tuple(said)


def _about(file: RecordedFile) -> str:
    name = file.path.name
    if not file.closed:
        missing = f"; {_packets(file.missing_packets)} before its end are missing" if file.missing_packets else ""
        return f"{name} holds the {_packets(file.packets)} that came{missing}. It was not closed."
    if file.lost_packets:
        return f"{name} is closed. {_packets(file.lost_packets)} are lost: the pod has them no more."
    return f"{name} is complete."


def _packets(count: int) -> str:
    return f"{count} packet{'' if count == 1 else 's'}"
