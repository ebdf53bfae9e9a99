"""Surefoot: how each landing of a run goes, from one shin pod.

Importing the package is cheap; each room (`recording`, `motion`, `gait`, `landing`, `terrain`, `findings`, `report`)
is imported by what needs it.
"""

__version__ = "0.1.0"
