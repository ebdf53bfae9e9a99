"""Requests to the pod and what comes back, as bytes of the control characteristic."""

from __future__ import annotations

from dataclasses import dataclass

from surefoot.errors import WireError
from surefoot.wire.answers import NOTICES, ErrorCode, Notice
from surefoot.wire.fields import Fields
from surefoot.wire.requests import REQUESTS, Request

ANSWER = 0x80


@dataclass(frozen=True)
class Answer:
    """What the pod answers to one request; `request` and `error` are codes, `data` is None where there are none."""

    request: int
    tag: int
    error: int = ErrorCode.DONE
    data: Fields | None = None

    def to_bytes(self) -> bytes:
        """Write it as the pod does."""
        if not (0 <= self.request < ANSWER and 0 <= self.tag < 256 and 0 <= self.error < 256):
            raise WireError(
                "answer", f"{self.request}, {self.tag}, {self.error} are no three bytes", "give smaller numbers"
            )
        head = bytes([self.request | ANSWER, self.tag, self.error])
        return head if self.data is None else head + self.data.to_bytes()


_HOW = "write it as docs/link.md says"


def write_request(request: Request, tag: int) -> bytes:
    """Return the bytes to write to control; those of several requests may be joined. WireError for a tag over 255."""
    if not 0 <= tag < 256:
        raise WireError("request", f"its tag cannot be {tag}", "number requests from 0 to 255")
    content = bytes([request.CODE, tag]) + request.to_bytes()
    return bytes([len(content)]) + content


def read_requests(written: bytes) -> list[tuple[int, Request]]:
    """Read what a host wrote: tags and requests; WireError for anything that the pod would refuse to read."""
    requests = []
    while written:
        size = written[0]
        content, written = written[1 : 1 + size], written[1 + size :]
        if size < 2 or len(content) < size:
            raise WireError("request", f"its length is said to be {size}", _HOW)
        if content[0] not in REQUESTS:
            raise WireError("request", f"there is no request {content[0]:#04x}", _HOW)
        requests.append((content[1], REQUESTS[content[0]].from_bytes(content[2:])))
    return requests


def read_notification(data: bytes) -> Answer | Notice:
    """Read a notification of control; WireError where it is none."""
    # a refusal of request 0x41 or 0x42, which do not exist, begins like a notice, and is shorter than any
    if len(data) > 3 and data[0] in NOTICES:
        return NOTICES[data[0]].from_bytes(data[2:])
    if len(data) < 3 or data[0] < ANSWER:
        raise WireError("answer of the pod", f"{data.hex(' ') or 'nothing'} is none")
    request, tag, error = data[0] - ANSWER, data[1], data[2]
    kinds = REQUESTS[request].ANSWERS if request in REQUESTS and not error else ()
    if not kinds and len(data) == 3:
        return Answer(request, tag, error)
    for kind in kinds:
        if kind.size_bytes() == len(data) - 3:
            return Answer(request, tag, error, kind.from_bytes(data[3:]))
    raise WireError("answer of the pod", f"{len(data) - 3} bytes of data do not belong to request {request:#04x}")


def write_notice(notice: Notice) -> bytes:
    """Write an event of control as the pod does."""
    return bytes([notice.CODE, 0]) + notice.to_bytes()
