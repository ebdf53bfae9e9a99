from __future__ import annotations

from tests.rig.own_folder import own_temporary_folder

__all__ = ["own_temporary_folder"]
