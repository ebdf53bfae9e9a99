"""Fetch runs that a pod recorded alone, join them with what is here, and let the pod forget them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from surefoot.errors import LinkLost, PodError, PodRefused
from surefoot.pod.arrivals import Arrivals
from surefoot.pod.claim import Claim
from surefoot.pod.fetching import Fetching
from surefoot.pod.find import FoundPod
from surefoot.pod.link import PodLink
from surefoot.pod.race import first_of
from surefoot.pod.reach import first_link, reach
from surefoot.pod.run_copy import RunCopy
from surefoot.pod.run_files import copy_in, new_copy
from surefoot.pod.utc_clock import UtcClock
from surefoot.recording.examination import examine
from surefoot.recording.resume import resume_point
from surefoot.wire.answers import EndOfList, ErrorCode, KeptRun
from surefoot.wire.requests import Erase, ListRuns

PATIENCE_S = 60.0
"""Without a packet and without a link, so long until a fetch is given up; the next one goes on where it stood."""

Result = TypeVar("Result")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Pulled:
    """A run that was fetched.

    Attributes
    ----------
    path : Path
    run : int
    packets, lost_packets : int
        In the file, and gone for good.
    has_end : bool
        The pod's last packet of the run is there. Without it the pod's power went, and what was in its memory is lost.
    joined : bool
        The file had a part of the run before.
    released : bool
        The pod has forgotten the run.
    """

    path: Path
    run: int
    packets: int
    lost_packets: int
    joined: bool
    released: bool
    has_end: bool = True


class Puller:
    """Fetches from one pod, over as many links as it takes. Make it inside the running loop; `close` it at the end."""

    def __init__(self, pod: FoundPod, folder: Path, clock: UtcClock, *, pair: bool = False) -> None:
        self._pod = pod
        self._folder = folder
        self._clock = clock
        self._pair = pair
        self._arrivals = Arrivals()
        self._link: PodLink | None = None
        self._claim: Claim | None = None
        self._was_linked = False
        self._progress_s = clock.passed_s()

    async def list(self) -> list[KeptRun]:
        """Return the runs that the pod keeps, the oldest first.

        Raises
        ------
        PodRefused
            The pod is recording, or has no store.
        PodError
            Not reached, not paired, busy.
        """
        try:
            rows = await self._linked(lambda link: link.dialogue.ask_all(ListRuns(), EndOfList))
        except PodRefused as refused:
            if refused.code != ErrorCode.NOT_IN_THIS_STATE:
                raise
            raise PodRefused(
                self._pod.name,
                refused.code,
                "it is recording, and lists its runs only afterwards",
                "end the run with a short press of its button, or go on with it by `surefoot record`",
            ) from refused
        return [row for row in rows if isinstance(row, KeptRun)]

    async def pull(self, run: int, on_progress: Progress, *, keep: bool = False) -> Pulled:
        """Fetch one run into its file in the folder, and verify the file.

        What is in the folder of it already is not fetched again. If this is interrupted, by whatever means, it goes on
        from there the next time.

        Parameters
        ----------
        run : int
            Its number, as `list` tells.
        on_progress : callable
            Takes how many packets are here, and how many there will be, each time one comes.
        keep : bool
            Leave the run on the pod; else the pod forgets it once the file is verified.

        Raises
        ------
        PodError
            The pod went away for long, or refuses; or the file does not hold what was written: then the pod keeps it.
        OutputError, RunWriteError
            The file cannot be written.
        """
        identity = (await self._linked(_itself)).identity
        place = (self._folder, identity.serial_number, run)
        copy = await asyncio.to_thread(copy_in, *place)
        joined = copy is not None
        try:
            if copy is not None:
                await self._fetch(copy, on_progress, Fetching.start_packet)
                if copy.is_of_another_run:
                    copy.writer.abandon()
                    copy, joined = None, False
            if copy is None:
                copy = new_copy(*place, self._clock.utc_us())
            await self._fetch(copy, on_progress, Fetching.whole_run)
            await asyncio.to_thread(copy.writer.close, self._clock.utc_us())
        finally:
            if copy is not None:
                copy.writer.abandon()
        has_end = await asyncio.to_thread(self._verify, copy)
        released = not keep and await self._linked(lambda link: _release(link, copy))
        return Pulled(copy.writer.path, run, len(copy.received), copy.lost_packets, joined, released, has_end)

    async def _fetch(
        self, copy: RunCopy, on_progress: Progress, what: Callable[[Fetching], Coroutine[Any, Any, None]]
    ) -> None:
        """Fetch something of a run while what comes is written."""
        await first_of(
            self._write(copy, on_progress),
            self._linked(lambda link: what(Fetching(link, copy, self._arrivals))),
        )

    async def _write(self, copy: RunCopy, on_progress: Progress) -> None:
        """Write what comes, for ever."""
        while True:
            utc_us, arrival = await self._arrivals.next()
            if isinstance(arrival, bytes) and copy.take(utc_us, arrival) is not None:
                self._progress_s = self._clock.passed_s()
                if copy.total is not None:
                    on_progress(len(copy.received), max(copy.total, len(copy.received)))

    def _verify(self, copy: RunCopy) -> bool:
        """Read the file back: what was written must be in it; say whether the end of the run is."""
        examined, found = examine(copy.writer.path), resume_point(copy.writer.path).sequences
        file, run = examined.file, examined.run
        same = found.end == copy.received.end and list(found.holes()) == list(copy.received.holes())
        if not (file.closed and file.hash_right and same):
            raise PodError(
                self._pod.name,
                f"{copy.writer.path.name} does not read back as it was written, so the pod keeps the run",
                "check the disk, and fetch the run into another folder",
            )
        return run is not None and run.end_reason is not None

    async def close(self) -> None:
        """Let the pod go."""
        await self._let_go()
        if self._claim:
            self._claim.release()

    async def _let_go(self) -> None:
        if self._link:
            await self._link.close()
            self._link = None

    async def _linked(self, work: Callable[[PodLink], Coroutine[Any, Any, Result]]) -> Result:
        """Do something over a link, again over a new one when it is lost."""
        self._claim = self._claim or Claim(self._pod)
        self._progress_s = self._clock.passed_s()
        while True:
            link = self._link or await self._reach()
            try:
                return await link.through(work(link))
            except LinkLost:
                await self._let_go()
                if self._clock.passed_s() - self._progress_s > PATIENCE_S:
                    raise

    async def _reach(self) -> PodLink:
        """Open a link, for the first time or again."""
        if not self._was_linked:
            return await first_link(self._pod, self._open, self._clock)
        failures: list[PodError] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await reach(self._pod, self._open, failures.append)
        except TimeoutError:
            why = failures[-1].why if failures else "it does not answer"
            raise PodError(self._pod.name, why, "bring it near and fetch again: it goes on from here") from None

    async def _open(self, pod: FoundPod) -> PodLink:
        pair = self._pair and not self._was_linked
        self._link = await PodLink.open(
            pod, self._clock, self._arrivals.put, lambda _: None, pair=pair, again=self._was_linked
        )
        self._was_linked = True
        return self._link


async def _itself(link: PodLink) -> PodLink:
    return link


async def _release(link: PodLink, copy: RunCopy) -> bool:
    """Let the pod forget a run that is safe here; False if it does not, because it is recording."""
    copy.safe_until = copy.settled.whole_until
    if safe := copy.acknowledgement():
        await link.dialogue.tell(safe)
    try:
        await link.dialogue.do(Erase(copy.run, force=1))
    except PodRefused as refused:
        return refused.code == ErrorCode.NO_SUCH_RUN  # nothing is left of what was acknowledged
    return True
