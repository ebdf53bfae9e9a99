"""Two recordings side by side, of which one goes wrong."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from surefoot.cli import tracks
from surefoot.cli.tracks import Wishes, record_tracks
from surefoot.errors import LinkLost, ParameterError
from surefoot.pod.figures import Figures
from surefoot.pod.outcome import Outcome
from tests.cli.known_figures import RUNNING


class StandIn:
    """A recorder whose time is the loop's; one of a pod called 'gone' fails at once."""

    def __init__(self, pod: Any, options: Any, clock: Any) -> None:
        self._pod = pod
        self._ended = asyncio.Event()
        self._elapsed_s = 0.0

    @property
    def figures(self) -> Figures:
        self._elapsed_s += self._pod.name != "gone"
        return replace(RUNNING, pod=self._pod.name, elapsed_s=self._elapsed_s, file=None)

    def stop(self) -> None:
        self._ended.set()

    async def run(self) -> Outcome:
        if self._pod.name == "gone":
            raise LinkLost("gone", "it went", "bring it nearer")
        await self._ended.wait()
        return Outcome(self._pod.name, (), 0, None, ())


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait_for_pod(wanted: str | None) -> Any:
        return SimpleNamespace(name=wanted, address="one" if wanted in ("5F6F", "Surefoot 5F6F") else wanted)

    monkeypatch.setattr(tracks, "wait_for_pod", wait_for_pod)
    monkeypatch.setattr(tracks, "Recorder", StandIn)
    monkeypatch.setattr(tracks, "REDRAW_S", 0.001)


def test_the_duration_ends_one_pod_though_the_other_one_failed(tmp_path: Path) -> None:
    async def body() -> list[bool]:
        async with asyncio.timeout(20):
            both = await record_tracks(["gone", "5F70"], Wishes(tmp_path, duration_s=3, plain=True))
        return [track.outcome is None for track in both]

    assert asyncio.run(body()) == [True, False]


def test_one_pod_is_not_recorded_twice(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="same pod"):
        asyncio.run(record_tracks(["5F6F", "Surefoot 5F6F"], Wishes(tmp_path, plain=True)))
