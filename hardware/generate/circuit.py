"""Builds as SKiDL circuits: electrical rules check and netlist. A program: builds as JSON come in, results go out.

SKiDL talks and leaves files where it runs; so `hardware.generate.netlist` runs this in a process and a folder of its
own.

    python -m hardware.generate.circuit < builds.json > results.json
"""

from __future__ import annotations

import json
import logging
import sys
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

Wiring = dict[str, Any]  # parts {ref: {value, footprint, pins {name: kind}}}; nets {name: [REF.PIN]}; open [REF.PIN]

# Passive parts feed these (the cell, through plug, fuse and switch), so they are driven although no pin says so.
FED = ("VBAT", "GND")


def circuit_of(wiring: Wiring) -> Any:
    """Return a build as SKiDL's circuit."""
    import skidl

    kinds = {
        "power_in": skidl.Pin.types.PWRIN,
        "power_out": skidl.Pin.types.PWROUT,
        "passive": skidl.Pin.types.PASSIVE,
        "input": skidl.Pin.types.INPUT,
        "output": skidl.Pin.types.OUTPUT,
        "bidirectional": skidl.Pin.types.BIDIR,
    }
    circuit = skidl.Circuit()
    pins: dict[str, Any] = {}
    for ref, part in wiring["parts"].items():
        made = {name: skidl.Pin(num=name, name=name, func=kinds[kind]) for name, kind in part["pins"].items()}
        template = skidl.Part(name=part["value"], tool="skidl", dest=skidl.TEMPLATE, pins=list(made.values()))
        placed = template(ref=ref, value=part["value"], footprint=part["footprint"], tag=ref, circuit=circuit)
        pins |= {f"{ref}.{pin.num}": pin for pin in placed.pins}
    for name, ends in wiring["nets"].items():
        net = skidl.Net(name, circuit=circuit)
        for end in ends:
            net += pins[end]
        if name in FED:
            net.drive = skidl.POWER
    for end in wiring["open"]:
        circuit.NC += pins[end]
    return circuit


class Sentences(logging.Handler):
    """What the check says, as lines with their level."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep warnings and errors."""
        if record.levelno >= logging.WARNING:
            self.lines.append(f"{record.levelname}: {record.getMessage().split(' @ [')[0]}")


def checked(wiring: Wiring) -> dict[str, Any]:
    """Return the netlist of a build, and what the electrical rules check found, in sentences."""
    import skidl

    circuit = circuit_of(wiring)
    heard = Sentences()
    logging.Logger.addHandler(skidl.erc_logger, heard)
    circuit.ERC()
    logging.Logger.removeHandler(skidl.erc_logger, heard)
    netlist = circuit.generate_netlist(tool="kicad6", do_backup=False)
    return {"found": heard.lines, "netlist": str(netlist)}


def main() -> None:
    """Read builds from standard input and write their results to standard output."""
    builds: dict[str, Wiring] = json.load(sys.stdin)
    with redirect_stdout(StringIO()):
        results = {name: checked(wiring) for name, wiring in builds.items()}
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
