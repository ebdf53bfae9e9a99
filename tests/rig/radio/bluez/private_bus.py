"""A D-Bus daemon of its own: what stands for the system bus while a test runs."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

# The system bus without its policy and its services: everybody here may own and call everything, nothing is started.
_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@asynccontextmanager
async def private_bus() -> AsyncIterator[str]:
    """Run a daemon and yield its address. Without `dbus-daemon` the test is skipped."""
    daemon = shutil.which("dbus-daemon")
    if not daemon:
        pytest.skip("there is no dbus-daemon here: install the package dbus-daemon (Debian, Ubuntu) or dbus")
    with tempfile.TemporaryDirectory(prefix="bus-") as folder:
        configuration = Path(folder, "bus.conf")
        configuration.write_text(_CONFIGURATION.format(socket=Path(folder, "socket")), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            daemon,
            f"--config-file={configuration}",
            "--nofork",
            "--nopidfile",
            "--print-address",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,  # it complains where it may not raise its own limits
        )
        assert process.stdout and process.stderr
        try:
            address = (await process.stdout.readline()).decode().strip()
            if not address:
                raise RuntimeError((await process.stderr.read()).decode())
            yield address
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()
