"""The router joins what it should, keeps its spaces by a reckoning that is not its, and says where there is no way."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.generate.carrier import clearance
from hardware.generate.carrier.layout import FACES, Bare, Layout, Pad, Placed, Shape
from hardware.generate.carrier.room import copper_of, copper_of_via, pads_of
from hardware.generate.carrier.route import route
from hardware.generate.design import DesignError

SIDE_MM = 12.0
SURFACE = Shape("pad", (Pad("1", (0, 0), (1.0, 0.8), "rect", faces=("F",)),))
THROUGH = Shape("hole", (Pad("1", (0, 0), (1.4, 1.4), "circle", (0.8, 0.8)),))


def board(pads: list[tuple[str, tuple[float, float], Shape]], bare: tuple[Bare, ...] = ()) -> Layout:
    placed = [Placed(f"P{i}", shape, at, 0, "", {"1": net}) for i, (net, at, shape) in enumerate(pads)]
    ground = [Placed(f"G{i}", THROUGH, at, 0, "", {"1": "GND"}) for i, at in enumerate([(1.2, 1.2), (10.8, 10.8)])]
    return Layout((SIDE_MM, SIDE_MM), 1.0, 1.0, (*placed, *ground), (), (), bare, (), ())


def islands(layout: Layout, net: str) -> int:
    """Return into how many pieces that hold a pad the copper of a net falls, without its pours."""
    pads = [each for placed in layout.placed for each in pads_of(placed) if each.net == net]
    pieces = list(pads)
    pieces += [each for track in layout.tracks if track.net == net for each in copper_of(track)]
    pieces += [copper_of_via(via) for via in layout.vias if via.net == net]
    groups: list[list] = []
    for piece in pieces:
        touching = [
            group
            for group in groups
            if any(set(each.faces) & set(piece.faces) and clearance.distance(each, piece) == 0 for each in group)
        ]
        groups = [group for group in groups if group not in touching]
        groups.append([piece, *itertools.chain.from_iterable(touching)])
    return sum(any(pad in group for pad in pads) for group in groups)


def test_two_nets_that_cross_change_the_face():
    routed = route(
        board(
            [
                ("A", (1.5, 6.0), SURFACE),
                ("A", (10.5, 6.0), SURFACE),
                ("B", (6.0, 1.5), SURFACE),
                ("B", (6.0, 10.5), SURFACE),
            ]
        )
    )
    assert clearance.faults(routed) == []
    assert [islands(routed, net) for net in "AB"] == [1, 1]
    assert {track.face for track in routed.tracks} == {"F", "B"} or len(routed.tracks) > 2


def test_power_is_wide_and_its_test_point_is_not():
    layout = board([("VBAT", (2.0, 6.0), THROUGH), ("VBAT", (9.0, 6.0), THROUGH)])
    probe = Placed("TP1", SURFACE, (6.0, 9.0), 0, "", {"1": "VBAT"})
    routed = route(Layout(**{**vars(layout), "placed": (*layout.placed, probe)}))
    assert {track.width for track in routed.tracks if track.net == "VBAT"} == {0.6, 0.2}


def test_the_same_board_gets_the_same_tracks():
    layout = board([("A", (2.0, 4.0), SURFACE), ("A", (9.0, 8.0), SURFACE)])
    assert route(layout) == route(layout)


@pytest.mark.parametrize("faces", [FACES, ("F",)])
def test_a_wall_on_both_faces_cannot_be_passed(faces):
    layout = board(
        [("A", (2.0, 6.0), SURFACE), ("A", (10.0, 6.0), SURFACE)], (Bare((5.5, -1.0, 6.5, SIDE_MM + 1), faces),)
    )
    if faces == FACES:
        with pytest.raises(DesignError, match="cannot reach"):
            route(layout)
    else:
        routed = route(layout)
        assert islands(routed, "A") == 1
        assert all(not 5.5 < x < 6.5 for track in routed.tracks if track.face == "F" for x, _ in track.points)


LATTICE = [(1.8 + 2.8 * x, 1.8 + 2.8 * y) for x in range(4) for y in range(4) if (x, y) not in ((0, 0), (3, 3))]
shifts = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=6, max_size=6)


@settings(max_examples=20, deadline=None)
@given(st.permutations(LATTICE), shifts, st.sampled_from([SURFACE, THROUGH]))
def test_any_board_is_joined_and_keeps_its_spaces(lattice, moves, shape):
    places = [(x + dx / 10, y + dy / 10) for (x, y), (dx, dy) in zip(lattice, moves, strict=False)]
    routed = route(board([(net, at, shape) for net, at in zip("AABBCC", places, strict=True)]))
    assert clearance.faults(routed) == []
    assert [islands(routed, net) for net in ("A", "B", "C", "GND")] == [1, 1, 1, 1]
