"""The paper template is as long as it says: its lines, read from the PDF itself, in millimetres of paper."""

from __future__ import annotations

import re
import typing
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from hardware.generate import mount_template
from hardware.generate.design import load

ROOT = Path(__file__).parents[2]
MOUNT = ROOT / "hardware/mount"
MM = 25.4 / 72
"""One PDF unit (ISO 32000-1, 8.3.2.3: 1/72 inch) in mm."""

PAPERS_MM = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""ISO 216; ANSI/ASME Y14.1."""

PRINTABLE_MM = 6.0
"""What common printers leave white at the edges, rounded up."""

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Page:
    """Size of a page and the subpaths drawn on it, mm; control points of curves count as points."""

    size_mm: Point
    paths: tuple[tuple[Point, ...], ...]

    def lines(self) -> list[tuple[Point, Point]]:
        return [(path[0], path[1]) for path in self.paths if len(path) == 2]

    def lengths_mm(self, direction: int) -> list[float]:
        """Return the lengths of the straight lines along x (0) or y (1)."""
        return [
            abs(b[direction] - a[direction]) for a, b in self.lines() if abs(b[1 - direction] - a[1 - direction]) < 1e-3
        ]

    def boxes_mm(self) -> list[Point]:
        """Return width and height of every path that is more than a line."""
        return [
            (max(x for x, _ in path) - min(x for x, _ in path), max(y for _, y in path) - min(y for _, y in path))
            for path in self.paths
            if len(path) > 2
        ]


def read(pdf: bytes) -> Page:
    """Read a PDF of one page, as matplotlib writes it."""
    corners = [float(n) * MM for n in re.search(rb"/MediaBox \[ ([\d. ]+) \]", pdf)[1].split()]
    streams = [
        zlib.decompress(raw)
        for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
        if raw[:1] == b"x"
    ]
    content = max((stream for stream in streams if b" re\n" in stream or b" m\n" in stream), key=len)
    return Page((corners[2] - corners[0], corners[3] - corners[1]), tuple(paths(content.decode("latin-1"))))


def paths(content: str) -> list[tuple[Point, ...]]:
    found: list[list[Point]] = []
    stack: list[Matrix] = []
    matrix: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    numbers: list[float] = []
    content = re.sub(r"BT.*?ET", " ", content, flags=re.DOTALL)
    for token in content.split():
        if re.fullmatch(r"[-+]?\d*\.?\d+", token):
            numbers.append(float(token))
            continue
        points = list(zip(numbers[::2], numbers[1::2], strict=False))
        numbers = []
        if token == "q":
            stack.append(matrix)
        elif token == "Q":
            matrix = stack.pop()
        elif token == "cm":
            matrix = _within(matrix, typing.cast(Matrix, tuple(_flat(tuple(points)))))
        elif token == "re":
            (x, y), (width, height) = points
            corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
            found.append([_placed(matrix, corner) for corner in corners])
        elif token == "m":
            found.append([_placed(matrix, points[0])])
        elif token in ("l", "c", "v", "y"):
            found[-1] += [_placed(matrix, point) for point in points]
    return [tuple(path) for path in found]


def _within(outer: Matrix, inner: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    origin = _moved(outer, (e, f))
    return (
        outer[0] * a + outer[2] * b,
        outer[1] * a + outer[3] * b,
        outer[0] * c + outer[2] * d,
        outer[1] * c + outer[3] * d,
        *origin,
    )


def _moved(matrix: Matrix, point: Point) -> Point:
    x, y = point
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]


def _placed(matrix: Matrix, point: Point) -> Point:
    x, y = _moved(matrix, point)
    return x * MM, y * MM


def faults(page: Page, paper_mm: Point) -> list[str]:
    """Say what of the page is not to scale, by design.yaml, the page's own text and the paper."""
    design = yaml.safe_load((ROOT / "hardware/design.yaml").read_text(encoding="utf-8"))
    walls_mm = 2 * design["limits"]["wall_mm"]
    pod, puck = design["case"]["pod"]["inner_mm"], design["case"]["lab"]["puck_inner_mm"]
    found = []
    if page.size_mm != pytest.approx(paper_mm, abs=0.05):
        found.append(f"the page is {page.size_mm}")
    if not any(across == pytest.approx(100, abs=0.02) for across in page.lengths_mm(0)):
        found.append("no bar of 100 mm across")
    if not any(along == pytest.approx(100, abs=0.02) for along in page.lengths_mm(1)):
        found.append("no bar of 100 mm along")
    for name, size in (("pod", pod), ("puck", puck)):
        wanted = (size[1] + walls_mm, size[0] + walls_mm)
        if sum(box == pytest.approx(wanted, abs=0.05) for box in page.boxes_mm()) != 2:
            found.append(f"the {name} is not there twice with {wanted}")
    width_mm, height_mm = page.size_mm
    ink = [point for path in page.paths if not _is_ground(path, page.size_mm) for point in path]
    nearest_mm = min(value for x, y in ink for value in (x, width_mm - x, y, height_mm - y))
    if nearest_mm < PRINTABLE_MM:
        found.append(f"something is {nearest_mm:.1f} mm from the edge")
    return found


def _is_ground(path: tuple[Point, ...], size_mm: Point) -> bool:
    return max(path) == pytest.approx(size_mm, abs=0.01) and min(path) == pytest.approx((0, 0), abs=0.01)


def strips(page: Page) -> list[list[float]]:
    """Return the heights of the lines that cross each strip from edge to edge: zero and the site."""
    across = [
        (a, b) for a, b in page.lines() if abs(a[1] - b[1]) < 1e-3 and abs(b[0] - a[0]) == pytest.approx(84, abs=0.02)
    ]
    return [sorted(a[1] for a, _ in across if a[0] == left) for left in sorted({a[0] for a, _ in across})]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mount")
    mount_template.make(load(), folder)
    return folder / "mount"


@pytest.mark.parametrize("paper", PAPERS_MM)
def test_the_page_is_true_to_scale(written: Path, paper: str) -> None:
    assert faults(read((written / f"template-{paper}.pdf").read_bytes()), PAPERS_MM[paper]) == []


@pytest.mark.parametrize("paper", PAPERS_MM)
def test_the_sensor_comes_five_centimetres_above_the_ankle_bone(written: Path, paper: str) -> None:
    right, left = strips(read((written / f"template-{paper}.pdf").read_bytes()))
    assert right == left
    assert right[1] - right[0] == pytest.approx(50, abs=0.02)


@pytest.mark.parametrize("paper", PAPERS_MM)
def test_the_ruler_counts_millimetres_from_the_ankle_bone(written: Path, paper: str) -> None:
    page = read((written / f"template-{paper}.pdf").read_bytes())
    zero_mm = strips(page)[0][0]
    for length_mm, step_mm in ((6.0, 10), (4.0, 5), (2.4, 1)):
        ticks = [a[1] - zero_mm for a, b in page.lines() if abs(b[0] - a[0]) == pytest.approx(length_mm, abs=0.01)]
        wanted = [
            m
            for m in range(156)
            if m % step_mm == 0 and not any(m % longer == 0 for longer in (10, 5) if longer > step_mm)
        ]
        assert sorted(ticks) == pytest.approx(sorted(2 * wanted), abs=0.02)


def test_the_strips_mirror_each_other(written: Path) -> None:
    """Toes point away from the middle: looking at the inner side of the right leg, the front is on the left."""
    page = read((written / "template-a4.pdf").read_bytes())
    ticks = [sorted((a[0], b[0])) for a, b in page.lines() if abs(b[0] - a[0]) == pytest.approx(6, abs=0.01)]
    middle_mm = page.size_mm[0] / 2
    assert {round(right - middle_mm, 2) for _, right in ticks} == {-5.0, 11.0}


def test_what_is_committed_is_what_is_made(written: Path) -> None:
    assert mount_template.differs(written.parent, MOUNT.parent) == []


def _flat(path: tuple[Point, ...]) -> list[float]:
    return [value for point in path for value in point]


def test_a_page_printed_to_fit_is_found(written: Path) -> None:
    page = read((written / "template-a4.pdf").read_bytes())
    shrunk = Page(page.size_mm, tuple(tuple((0.97 * x, 0.97 * y) for x, y in path) for path in page.paths))
    assert [fault.partition(" of ")[0] for fault in faults(shrunk, PAPERS_MM["a4"])][:2] == ["no bar", "no bar"]
    assert sum("is not there twice" in fault for fault in faults(shrunk, PAPERS_MM["a4"])) == 2


def test_the_wrong_paper_and_ink_over_the_edge_are_found(written: Path) -> None:
    page = read((written / "template-a4.pdf").read_bytes())
    assert any(fault.startswith("the page is") for fault in faults(page, PAPERS_MM["letter"]))
    moved = Page(page.size_mm, tuple(tuple((x - 14, y) for x, y in path) for path in page.paths))
    assert any("from the edge" in fault for fault in faults(moved, PAPERS_MM["a4"]))


def test_the_reader_follows_moves_scalings_turns_and_restores() -> None:
    """Lengths reckoned by hand: 72 units are one inch."""
    turned = "q 0 1 -1 0 72 0 cm 2 0 0 2 0 0 cm 18 36 m 18 0 l S Q"
    content = "q 2 0 0 2 10 20 cm 0 0 m 36 0 l S Q 72 72 72 144 re f BT 5 5 Td ET " + turned
    line, box, upright = paths(content)
    assert _flat(upright) == pytest.approx([0, 12.7, 25.4, 12.7])
    assert _flat(line) == pytest.approx([10 * MM, 20 * MM, 10 * MM + 25.4, 20 * MM])
    assert box[2] == pytest.approx((50.8, 76.2))


@pytest.mark.tools
def test_it_is_written_alike_twice(written: Path, tmp_path: Path) -> None:
    mount_template.make(load(), tmp_path)
    names = sorted(path.name for path in written.iterdir())
    assert names == ["tap.png", "template-a4.pdf", "template-letter.pdf", "template.png"]
    assert all((tmp_path / "mount" / name).read_bytes() == (written / name).read_bytes() for name in names)


def test_a_template_of_another_design_is_told_from_this_one(written: Path, tmp_path: Path) -> None:
    """A wall that is a tenth of a millimetre thicker moves the pod's outline by as much; a file may be missing."""
    design = load()
    thicker = replace(design, limits=replace(design.limits, wall_mm=design.limits.wall_mm + 0.1))
    mount_template.make(thicker, tmp_path)
    assert mount_template.differs(written.parent, tmp_path) == [
        "mount/template-a4.pdf is drawn otherwise",
        "mount/template-letter.pdf is drawn otherwise",
    ]
    (tmp_path / "mount/tap.png").unlink()
    assert "mount/tap.png is not committed" in mount_template.differs(written.parent, tmp_path)
