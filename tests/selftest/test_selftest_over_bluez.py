"""The command as a user has it: a process of its own, on BlueZ in small, in real time."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.rig.by_command import on_bluez
from tests.rig.sample_file import write_samples
from tests.rig.table import Imperfect, at_rest

OF_THIS_COMPUTER = {"rate", "jitter", "gaps", "silence"}
"""What a busy computer makes the modelled pod do."""


@pytest.mark.soak
def test_a_pod_on_bluez_is_tested_and_left_as_it_was(tmp_path: Path) -> None:
    async def body() -> None:
        samples = tmp_path / "samples.raw"
        write_samples(at_rest(Imperfect(), 120), samples)
        async with on_bluez(tmp_path, source=f'Recording("{samples}")') as there:
            [pod] = there.rig.pods
            pod.battery(3910)
            arguments = ("--no-faces", "--seconds", "5", "--json", "--out", str(tmp_path / "out"))
            done = await there.command.run("selftest", "--pod", pod.name, *arguments)
            assert done.returncode in (0, 1), done.errors
            facts = json.loads(done.output)
            verdicts = {check["key"]: check["verdict"] for check in facts["checks"]}
            assert {key for key, verdict in verdicts.items() if verdict != "pass"} <= OF_THIS_COMPUTER
            assert facts["serial"] == pod.serial.hex()
            assert pod.ask("pod.store.run_from(0)") == -1
            assert not pod.ask("pod.session.recording")

    asyncio.run(body())
