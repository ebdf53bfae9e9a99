"""KiCad makes the carrier board again as it is committed, and finds every deliberate fault."""

import dataclasses
from pathlib import Path

import pytest

from hardware.generate import carrier
from hardware.generate.carrier import rules, saved
from hardware.generate.carrier.layout import Layout, Track, Via
from hardware.generate.carrier.place import placed_parts
from hardware.generate.design import HARDWARE, DesignError, load

pytestmark = pytest.mark.tools

DESIGN = load()
BOARD = (HARDWARE / "carrier" / "carrier.kicad_pcb").read_text(encoding="utf-8")


def committed_layout() -> Layout:
    """The committed board: its parts from design.yaml, its tracks as saved."""
    tracks, vias = saved.tracks_and_vias(BOARD)
    return dataclasses.replace(placed_parts(DESIGN), tracks=tracks, vias=vias)


def without_net(layout: Layout, net: str) -> Layout:
    tracks = tuple(track for track in layout.tracks if track.net != net)
    return dataclasses.replace(layout, tracks=tracks, vias=tuple(via for via in layout.vias if via.net != net))


def with_track(layout: Layout, *tracks: Track) -> Layout:
    return dataclasses.replace(layout, tracks=(*layout.tracks, *tracks))


def moved(layout: Layout, ref: str, dx: float, dy: float) -> Layout:
    def shift(placed):
        at = (placed.at[0] + dx, placed.at[1] + dy)
        return dataclasses.replace(placed, at=at) if placed.ref == ref else placed

    return dataclasses.replace(layout, placed=tuple(shift(placed) for placed in layout.placed))


def faults_of(layout: Layout, folder: Path) -> dict[str, int]:
    carrier.make_board(layout, folder)
    return saved.read_report((folder / "drc.rpt").read_text(encoding="utf-8")).faults


def test_the_whole_room_is_made_again_as_it_is_committed(tmp_path):
    carrier.make(DESIGN, tmp_path)
    assert carrier.differs(tmp_path, HARDWARE) == []


def test_the_committed_board_has_no_fault(tmp_path):
    assert faults_of(committed_layout(), tmp_path) == {}


BROKEN = {
    "a net left out": (lambda layout: without_net(layout, "SDA"), {"unconnected_items"}),
    # from the XIAO's pad D4, which is SDA, to D3, which is BUTTON
    "a short by a track": (
        lambda layout: with_track(layout, Track("SDA", "F", 0.3, ((13.54, 17.88), (11.0, 17.88)))),
        {"clearance", "shorting_items"},
    ),
    "a track to the edge": (
        lambda layout: with_track(layout, Track("GND", "B", 0.2, ((25.0, 0.1), (33.0, 0.1)))),
        {"copper_edge_clearance"},
    ),
    "a dangling stub": (
        lambda layout: with_track(layout, Track("SDA", "F", 0.2, ((23.2, 10.98), (24.4, 10.98)))),
        {"track_dangling"},
    ),
    "a part moved": (lambda layout: moved(layout, "R3", 0.0, -0.9), {"clearance", "unconnected_items"}),
    "a hole too near": (
        lambda layout: dataclasses.replace(
            layout, vias=(*layout.vias, Via(layout.vias[0].net, (layout.vias[0].at[0] + 0.45, layout.vias[0].at[1])))
        ),
        {"hole_near_hole"},
    ),
    "a track too thin": (
        lambda layout: dataclasses.replace(
            layout, tracks=(dataclasses.replace(layout.tracks[0], width=rules.TRACK / 2), *layout.tracks[1:])
        ),
        {"track_width"},
    ),
    "two parts in one place": (lambda layout: moved(layout, "D2", -3.0, 0.0), {"courtyards_overlap"}),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_kicad_finds(fault, tmp_path):
    break_it, named = BROKEN[fault]
    assert faults_of(break_it(committed_layout()), tmp_path).keys() & named


def test_a_fault_stops_the_making(tmp_path, monkeypatch):
    monkeypatch.setattr(carrier, "route", lambda _: without_net(committed_layout(), "SCL"))
    with pytest.raises(DesignError, match="unconnected_items"):
        carrier.make(DESIGN, tmp_path)


def test_a_part_on_another_net_stops_the_making(tmp_path, monkeypatch):
    """The trap of KiCad: a board is checked against its own nets, so a wrong net in it is no fault to KiCad."""

    def rewired(_):
        layout = committed_layout()
        swapped = {"VBAT": "CELL+", "CELL+": "VBAT"}
        placed = [
            dataclasses.replace(each, nets={pad: swapped.get(net, net) for pad, net in each.nets.items()})
            for each in layout.placed
        ]
        tracks = [dataclasses.replace(each, net=swapped.get(each.net, each.net)) for each in layout.tracks]
        vias = [dataclasses.replace(each, net=swapped.get(each.net, each.net)) for each in layout.vias]
        return dataclasses.replace(layout, placed=tuple(placed), tracks=tuple(tracks), vias=tuple(vias))

    monkeypatch.setattr(carrier, "route", rewired)
    with pytest.raises(DesignError, match="other nets"):
        carrier.make(DESIGN, tmp_path)
