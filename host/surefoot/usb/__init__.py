"""Boards at the cable: which serial ports there are, and MicroPython's prompt behind one of them."""
