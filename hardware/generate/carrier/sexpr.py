"""S-expressions, in which KiCad writes footprints and boards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hardware.generate.schema import DesignError

Tree = list["str | Tree"]

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)|(\s+)', re.S)


def parse(text: str, name: str) -> Tree:
    """Return the one list that `text` holds; strings lose their quotes.

    Raises
    ------
    DesignError
        Where brackets or quotes do not close, or something follows; names the file `name`.
    """
    root: Tree = []
    path = [root]
    end = 0
    while end < len(text):
        token = _TOKEN.match(text, end)
        if token is None:
            raise DesignError(name, f"it is no S-expression (a quote at character {end} does not close)")
        end = token.end()
        quoted, bracket, word, _ = token.groups()
        if bracket == "(":
            inner: Tree = []
            path[-1].append(inner)
            path.append(inner)
        elif bracket == ")":
            path.pop()
            if not path:
                raise DesignError(name, f"it is no S-expression (a bracket too many at character {end})")
        elif quoted is not None:
            path[-1].append(re.sub(r"\\(.)", r"\1", quoted))
        elif word is not None:
            path[-1].append(word)
    if len(path) != 1 or len(root) != 1 or not isinstance(root[0], list):
        raise DesignError(name, "it is no S-expression (a bracket does not close, or it is not one list)")
    return root[0]


def each(tree: Tree, head: str) -> Iterator[Tree]:
    """Return the lists in `tree` that begin with the word `head`."""
    return (node for node in tree if isinstance(node, list) and node and node[0] == head)


def first(tree: Tree, head: str) -> Tree:
    """Return what follows `head` in the first list that begins with it; nothing where there is none."""
    return next((node[1:] for node in each(tree, head)), [])


def words(tree: Tree) -> list[str]:
    """Return the words of a list, without the lists in it."""
    return [node for node in tree if isinstance(node, str)]


def numbers(tree: Tree) -> list[float]:
    """Return the words of a list as numbers."""
    return [float(word) for word in words(tree)]
