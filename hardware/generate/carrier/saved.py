"""The saved board read back, and KiCad's report on it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import cast

from hardware.generate.carrier import sexpr
from hardware.generate.carrier.layout import Face, Point, Track, Via

REPORT_COUNTS = ("DRC violations", "unconnected pads", "Footprint errors")


@dataclass(frozen=True)
class Report:
    """What KiCad's check found: kinds of faults and how often, and of which board (SHA-256)."""

    faults: dict[str, int]
    counts: dict[str, int]
    board: str


def pad_nets(board: str) -> dict[str, frozenset[str]]:
    """Return which pads, as ``REF.PAD``, a saved board (its text) joins to each net."""
    nets: dict[str, set[str]] = {}
    for footprint in sexpr.each(sexpr.parse(board, "carrier.kicad_pcb"), "footprint"):
        ref = next(text[2] for text in sexpr.each(footprint, "fp_text") if text[1] == "reference")
        for pad in sexpr.each(footprint, "pad"):
            if net := sexpr.first(pad, "net"):
                nets.setdefault(str(net[1]), set()).add(f"{ref}.{pad[1]}")
    return {net: frozenset(pads) for net, pads in nets.items()}


def tracks_and_vias(board: str) -> tuple[tuple[Track, ...], tuple[Via, ...]]:
    """Return the tracks and vias of a saved board (its text)."""
    tree = sexpr.parse(board, "carrier.kicad_pcb")
    nets = {net[1]: str(net[2]) for net in sexpr.each(tree, "net")}

    def spot(node: sexpr.Tree, name: str) -> Point:
        x, y = sexpr.numbers(sexpr.first(node, name))
        return (x, y)

    tracks = [
        Track(
            nets[sexpr.first(node, "net")[0]],
            cast(Face, str(sexpr.first(node, "layer")[0])[0]),
            sexpr.numbers(sexpr.first(node, "width"))[0],
            (spot(node, "start"), spot(node, "end")),
        )
        for node in sexpr.each(tree, "segment")
    ]
    return tuple(tracks), tuple(Via(nets[sexpr.first(n, "net")[0]], spot(n, "at")) for n in sexpr.each(tree, "via"))


def hash_of(board: str) -> str:
    """Return the hash by which a report names its board."""
    return hashlib.sha256(board.encode()).hexdigest()


def tidy_report(report: str, board: str) -> str:
    """Return KiCad's report without date and folder, naming the board by its hash."""
    text = re.sub(r"^\*\* Created on .*\n", "", report, flags=re.M)
    title = f"** Drc report for carrier.kicad_pcb, SHA-256 {hash_of(board)} **"
    return re.sub(r"^\*\* Drc report for .* \*\*$", title, text, flags=re.M)


def read_report(report: str) -> Report:
    """Return what a report says; a count that it lacks is -1."""
    faults: dict[str, int] = {}
    for kind in re.findall(r"^\[(\w+)\]:", report, re.M):
        faults[kind] = faults.get(kind, 0) + 1
    counts = {
        name: int(match.group(1)) if (match := re.search(rf"Found (\d+) {name}", report)) else -1
        for name in REPORT_COUNTS
    }
    named = re.search(r"SHA-256 ([0-9a-f]{64})", report)
    return Report(faults, counts, named.group(1) if named else "")
