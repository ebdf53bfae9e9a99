"""Requests to a pod over one link, and the answers that belong to them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from surefoot.errors import LinkLost, PodError, WireError
from surefoot.pod.refusals import refusal
from surefoot.wire.answers import Fetched, SelfTested
from surefoot.wire.control import Answer, read_notification, write_request
from surefoot.wire.fields import Fields
from surefoot.wire.requests import Request

ANSWER_S = 3.0
"""After which a request is made again (docs/link.md, "Control")."""
TRIES = 2
"""A pod that left two requests without an answer is not heard any more."""

Answered = TypeVar("Answered", bound=Fields)


class Dialogue:
    """What is asked over one link. Methods raise `LinkLost` where no answer comes, `PodRefused` or `PodBusy` for a no.

    `write` writes to the control characteristic; what is notified there is for `take`.
    """

    def __init__(self, pod: str, write: Callable[[bytes], Awaitable[None]]) -> None:
        self._pod = pod
        self._write = write
        self._writing = asyncio.Lock()
        self._waiting: dict[int, asyncio.Queue[Answer]] = {}
        self._tag = 0
        self._fetched: asyncio.Future[Fetched] | None = None
        self._self_tested: asyncio.Future[SelfTested] | None = None

    async def ask(self, request: Request, kind: type[Answered], tries: int = TRIES) -> Answered:
        """Make a request and return the data of its answer."""
        (data,) = await self._exchange(request, tries)
        if not isinstance(data, kind):
            raise self._lost("it answered with something else than was asked")
        return data

    async def do(self, request: Request) -> None:
        """Make a request whose answer has no data."""
        await self._exchange(request, TRIES)

    async def ask_all(self, request: Request, last: type[Fields]) -> list[Fields | None]:
        """Make a request with several answers; return those before the one of kind `last`."""
        return (await self._exchange(request, TRIES, last))[:-1]

    async def tell(self, request: Request) -> None:
        """Make a request without waiting for an answer."""
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._send(request, self._next_tag())
        except TimeoutError as error:
            raise self._lost("a request could not be sent") from error

    def next_fetched(self) -> asyncio.Future[Fetched]:
        """Return what will hold the next notice that a fetch has ended."""
        self._fetched = asyncio.get_running_loop().create_future()
        return self._fetched

    def next_self_tested(self) -> asyncio.Future[SelfTested]:
        """Return what will hold the next notice that a self-test has ended."""
        self._self_tested = asyncio.get_running_loop().create_future()
        return self._self_tested

    def take(self, data: bytes) -> None:
        """Take what the pod notified on control."""
        try:
            heard = read_notification(data)
        except WireError:
            return  # of a request that a newer host made; none of ours waits for it
        if isinstance(heard, Answer) and heard.tag in self._waiting:
            self._waiting[heard.tag].put_nowait(heard)
        elif isinstance(heard, Fetched) and self._fetched is not None and not self._fetched.done():
            self._fetched.set_result(heard)
        elif isinstance(heard, SelfTested) and self._self_tested is not None and not self._self_tested.done():
            self._self_tested.set_result(heard)

    async def _exchange(self, request: Request, tries: int, last: type[Fields] | None = None) -> list[Fields | None]:
        """Return the data of the answer, or of all answers up to the one of kind `last`."""
        tag = self._next_tag()
        answers = self._waiting[tag] = asyncio.Queue()
        rows: list[Fields | None] = []
        try:
            while not rows or (last is not None and not isinstance(rows[-1], last)):
                answer = await self._answer(request, tag, answers, 0 if rows else tries)
                if answer.error:
                    raise refusal(self._pod, answer.error)
                rows.append(answer.data)
        finally:
            del self._waiting[tag]
        return rows

    async def _answer(self, request: Request, tag: int, answers: asyncio.Queue[Answer], tries: int) -> Answer:
        """Return the next answer; with 0 tries, one that comes by itself."""
        for _ in range(max(1, tries)):
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    if tries:
                        await self._send(request, tag)
                    return await answers.get()
        raise self._lost("it did not answer")

    async def _send(self, request: Request, tag: int) -> None:
        async with self._writing:
            await self._write(write_request(request, tag))

    def _next_tag(self) -> int:
        self._tag = self._tag % 255 + 1  # 0 is for what nobody asked for
        return self._tag

    def _lost(self, why: str) -> PodError:
        return LinkLost(self._pod, why, "bring the pod nearer and try again")
