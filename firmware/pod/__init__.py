"""The pod: what runs on the board. `main.py` wires these modules together."""

VERSION = (0, 1, 0)
