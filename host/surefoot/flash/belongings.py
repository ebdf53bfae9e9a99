"""Settings and bonds of a pod whose partitions move: read before, kept on this computer meanwhile, put back afterwards.

Bonds hold keys, so nobody else may read the file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
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
        """Read them off the board and keep them; return how many.

        What is still waiting from before stays, unless the pod has had others since.
        """
        found = {name: repl.read_file(name) for name in FILES if repl.exists(name)}
        if self.waiting and found.items() <= (kept := self._kept()).items():
            return len(kept)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".part")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({name: base64.b64encode(data).decode() for name, data in found.items()}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        return len(found)

    def put_back(self, repl: Repl) -> int | None:
        """Write them onto the board and forget them; return how many.

        A pod that has others of its own has been used since: nothing is written, all stays here, and None is returned.

        Raises
        ------
        BoardError
            What was kept cannot be read.
        """
        kept = self._kept()
        on_pod = {name: found for name in FILES if (found := repl.hash(name)) is not None}
        if not on_pod.items() <= {name: hashlib.sha256(data).hexdigest() for name, data in kept.items()}.items():
            return None
        for name, data in kept.items():
            if name not in on_pod:
                repl.write_file(name, data)
        self.forget()
        return len(kept)

    def forget(self) -> None:
        """Remove what is waiting."""
        self.path.unlink(missing_ok=True)

    def _kept(self) -> dict[str, bytes]:
        try:
            told = json.loads(self.path.read_text())
            return {name: base64.b64decode(told[name], validate=True) for name in FILES if name in told}
        except (OSError, ValueError, TypeError, AttributeError, binascii.Error):
            raise BoardError(
                "", f"{self.path}, which holds a pod's settings, cannot be read", "repair or remove that file"
            ) from None
