"""Settings and bonds of a pod whose partitions move: read before, kept on this computer meanwhile, put back afterwards.

Bonds hold keys, so nobody else may read the file.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from pathlib import Path

from surefoot.flash.trouble import BoardError
from surefoot.usb.repl import Repl

FILES = ("settings.0", "settings.1", "bonds.0", "bonds.1", "run.0", "run.1")
"""The pod's small files (docs/firmware.md)."""


def state_folder() -> Path:
    """Return where they are kept meanwhile."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "surefoot"


class Belongings:
    """The small files of the pod with one MAC, in a file of `folder` from `take` until `leave`."""

    def __init__(self, folder: Path, mac: str) -> None:
        self.path = folder / f"pod-{mac.replace(':', '')}.json"

    @property
    def waiting(self) -> bool:
        """Whether some were taken and not put back."""
        return self.path.is_file()

    def take(self, repl: Repl) -> int:
        """Read them off the board and keep them; what was kept before stays if it is still waiting. Return how many."""
        if self.waiting:
            return len(self._kept())
        found = {name: repl.read_file(name) for name in FILES if repl.exists(name)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".part")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({name: base64.b64encode(data).decode() for name, data in found.items()}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        return len(found)

    def put_back(self, repl: Repl) -> int:
        """Write them onto the board and forget them; return how many.

        Raises
        ------
        BoardError
            What was kept cannot be read.
        """
        kept = self._kept()
        for name, data in kept.items():
            repl.write_file(name, data)
        self.path.unlink()
        return len(kept)

    def _kept(self) -> dict[str, bytes]:
        try:
            told = json.loads(self.path.read_text())
            return {name: base64.b64decode(told[name], validate=True) for name in FILES if name in told}
        except (OSError, ValueError, TypeError, AttributeError, binascii.Error):
            raise BoardError(
                "", f"{self.path}, which holds a pod's settings, cannot be read", "repair or remove that file"
            ) from None
