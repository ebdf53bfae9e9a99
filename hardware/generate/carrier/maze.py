"""The cheapest way through two faces of a grid."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

VIA_COST = 10.0
"""In steps of the grid: a detour of 2 mm is better than a via."""

DIRECTIONS = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]

Node = tuple[int, int, int]
"""Face, row and column."""

Costs = list[list[float]]


@dataclass(frozen=True)
class Maze:
    """What a step onto a point costs more than its length, by face, and a via there; inf where it may not be."""

    track: tuple[Costs, Costs]
    via: Costs


def cheapest(maze: Maze, sources: set[Node], targets: set[Node]) -> list[Node] | None:
    """Return the cheapest way from any source to any target (A*), None where there is none."""
    rows, columns = len(maze.via), len(maze.via[0])
    top, bottom = min(node[1] for node in targets), max(node[1] for node in targets)
    left, right = min(node[2] for node in targets), max(node[2] for node in targets)

    def ahead(node: Node) -> float:
        dy = max(top - node[1], 0, node[1] - bottom)
        dx = max(left - node[2], 0, node[2] - right)
        return max(dx, dy) + 0.41 * min(dx, dy)

    cost = dict.fromkeys(sources, 0.0)
    came: dict[Node, Node] = {}
    queue = [(ahead(node), node) for node in sorted(sources)]
    heapq.heapify(queue)
    done: set[Node] = set()
    while queue:
        _, node = heapq.heappop(queue)
        if node in targets:
            return _way(came, node)
        if node in done:
            continue
        done.add(node)
        face, row, column = node
        steps: list[tuple[Node, float]] = []
        if maze.via[row][column] < math.inf:
            steps.append(((1 - face, row, column), VIA_COST + maze.via[row][column]))
        here = maze.track[face]
        for dy, dx in DIRECTIONS:
            y, x = row + dy, column + dx
            # A diagonal step needs the points beside it, too: it must not cut the corner of anything.
            if 0 <= y < rows and 0 <= x < columns and max(here[y][x], here[row][x], here[y][column]) < math.inf:
                price = max(here[y][x], here[row][x], here[y][column])
                steps.append(((face, y, x), (1.414 if dy and dx else 1.0) + price))
        for after, step in steps:
            total = cost[node] + step
            if total < cost.get(after, math.inf):
                cost[after] = total
                came[after] = node
                heapq.heappush(queue, (total + ahead(after), after))
    return None


def _way(came: dict[Node, Node], node: Node) -> list[Node]:
    path = [node]
    while node in came:
        node = came[node]
        path.append(node)
    return path[::-1]
