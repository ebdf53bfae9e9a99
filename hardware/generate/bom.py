"""Bills of materials: one table per build, and a page that explains them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from hardware.generate.design import Build, Design, Part

ROOM = ("parts",)
ALTERNATIVES = 2
COLUMNS = (
    "references",
    "quantity",
    "what",
    "maker",
    "part number",
    "alternative 1",
    "alternative 2",
    "mass_g",
    "optional",
    "why",
    "to be checked",
)


@dataclass(frozen=True)
class Line:
    """One part of a build and where it stands; `mass_g` is of all of them."""

    refs: tuple[str, ...]
    part: Part

    @property
    def mass_g(self) -> float:
        """Mass of all of them."""
        return len(self.refs) * self.part.mass_g


def lines(design: Design, build: Build) -> list[Line]:
    """Return the bought parts of a build, in the order of design.yaml."""
    refs: dict[str, list[str]] = {}
    for ref, part in build.parts.items():
        refs.setdefault(part, []).append(ref)
    return [Line(tuple(where), design.parts[part]) for part, where in refs.items() if design.parts[part].bought]


def faults(design: Design) -> list[str]:
    """Return which bought parts have no maker, part number, reason or too few alternatives, in words."""
    found = []
    for part in design.parts.values():
        if not part.bought:
            continue
        found += [f"{part.id} has no {name}" for name in ("maker", "mpn", "why") if not getattr(part, name)]
        others = {other for other in part.alternatives if other and other != part.mpn}
        if len(others) < ALTERNATIVES:
            found.append(f"{part.id} has {len(others)} alternatives and not {ALTERNATIVES}")
    return found


def table(design: Design, build: Build) -> str:
    """Return the bill of materials of a build as CSV; supplies stand last and have no reference or part number."""
    rows: list[list[str]] = []
    for line in lines(design, build):
        part = line.part
        rows.append(
            [
                " ".join(line.refs),
                str(len(line.refs)),
                part.what,
                part.maker,
                part.mpn,
                *part.alternatives[:ALTERNATIVES],
                f"{line.mass_g:.2f}",
                "yes" if part.optional else "",
                part.why,
                " ".join(part.to_check),
            ]
        )
    for supply in design.supplies.values():
        if build.way in supply.ways:
            rows.append(["", "1", supply.what, "", "", "", "", f"{supply.mass_g:.2f}", "", supply.why, "mass_g"])
    return _csv([list(COLUMNS), *rows])


def page(design: Design) -> str:
    """Return the page that lists all parts of all builds, Markdown."""
    text = [PAGE_TOP.strip(), "", "## Builds", ""]
    text += ["| build | what | parts | mass of the parts, g | table |", "|---|---|---|---|---|"]
    for build in design.builds.values():
        found = lines(design, build)
        count, mass_g = sum(len(line.refs) for line in found), sum(line.mass_g for line in found)
        text.append(f"| {build.name} | {build.title} | {count} | {mass_g:.1f} | [csv]({build.name}.csv) |")
    text += ["", "## Parts", ""]
    text += ["| part | maker, number | instead | why | g | builds |", "|---|---|---|---|---|---|"]
    for part in design.parts.values():
        if part.bought:
            text.append(_part_row(design, part))
    text += ["", "## Supplies", "", "| what | g | why | ways |", "|---|---|---|---|"]
    for supply in design.supplies.values():
        text.append(f"| {supply.what} | {supply.mass_g:g} ? | {supply.why} | {', '.join(supply.ways)} |")
    text += ["", "## Where the numbers come from", "", *_sources(design)]
    return "\n".join(text) + "\n"


def make(design: Design, out: Path) -> None:
    """Write the tables and the page into `out`/parts."""
    room = out / "parts"
    room.mkdir(parents=True, exist_ok=True)
    for build in design.builds.values():
        (room / f"{build.name}.csv").write_text(table(design, build), encoding="utf-8")
    (room / "README.md").write_text(page(design), encoding="utf-8")


PAGE_TOP = """
# Parts

Made from [design.yaml](../design.yaml); do not edit here. Read [SAFETY.md](../SAFETY.md) before you buy a cell.
What a build weighs and how long it records: [budgets](budgets.md).

A question mark (?) stands behind what no source was found for: it is from memory, so look it up before you order. Two
alternatives stand beside every part; they do the same, but look and fit a little differently, and only the first is
drawn on the carrier board. Nobody has bought or weighed any of this for these pages.
[bom_carrier.csv](../carrier/bom_carrier.csv) is the list for a board house that assembles the carrier board; sensor,
XIAO, cell and motor are soldered on by hand.
"""


def _mark(part: Part, *facts: str) -> str:
    return " ?" if set(facts) & set(part.to_check) else ""


def _part_row(design: Design, part: Part) -> str:
    builds = [build.name for build in design.builds.values() if part.id in build.parts.values()]
    check = _mark(part, "mass_g")
    number = f"{part.maker} {part.mpn}{_mark(part, 'mpn')}"
    others = "; ".join(part.alternatives[:ALTERNATIVES]) + _mark(part, "alternatives", "mpn")
    what = part.what + (" (optional)" if part.optional else "")
    return f"| {what} | {number} | {others} | {part.why} | {part.mass_g:g}{check} | {', '.join(builds)} |"


def _sources(design: Design) -> list[str]:
    rows = ["| part | from | to be checked |", "|---|---|---|"]
    for part in design.parts.values():
        if part.source or part.to_check:
            rows.append(f"| {part.what} | {'; '.join(part.source)} | {', '.join(part.to_check)} |")
    return rows


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
