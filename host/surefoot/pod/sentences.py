"""What is said at the end of a recording."""

from __future__ import annotations

from collections.abc import Sequence

from surefoot.errors import SurefootError
from surefoot.pod.outcome import ENDINGS, RecordedFile
from surefoot.wire.records import End
from surefoot.words import count_of

_ALONE = (
    "The pod goes on recording alone and keeps what it can: end it with a short press of its button, "
    "then fetch the rest with `surefoot pull`."
)


def sentences(
    files: Sequence[RecordedFile], end: End | None, failure: SurefootError | None, run_ended: bool
) -> tuple[str, ...]:
    """Return what happened to each file, and what to do about what is missing.

    `run_ended`: it is known that the pod records the run no more. A press of its button would begin another one then.
    """
    said = [ENDINGS[end.reason]] if end and end.reason in ENDINGS else []
    if failure:
        said.append(str(failure))
    said += [_about(file) for file in files]
    if failure and not run_ended:
        said.append(_ALONE)
    elif any(not file.is_whole for file in files):
        said.append("`surefoot pull` fetches the rest and joins it to the file, as long as the pod keeps it.")
    return tuple(said)


def _about(file: RecordedFile) -> str:
    name = file.path.name
    if file.is_whole and not file.closed:
        return f"All packets are in {name}; only its closing failed."
    if not file.closed:
        missing = (
            f"; {count_of(file.missing_packets, 'packet')} before its end are missing" if file.missing_packets else ""
        )
        return f"{name} holds the {count_of(file.packets, 'packet')} that came{missing}. It was not closed."
    lost = f"{count_of(file.lost_packets, 'packet')} are lost: the pod has them no more."
    if not file.has_end:
        kept = (
            f"{name} holds all that the pod kept of it; the pod's power went, and what was in its memory then is lost."
        )
        return f"{kept} Before that, {lost}" if file.lost_packets else kept
    return f"{name} is closed. {lost}" if file.lost_packets else f"{name} is complete."
