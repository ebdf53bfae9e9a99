"""A reader of s-expressions, as KiCad writes boards and netlists."""

import re

Tree = list  # of text and trees
TOKEN = re.compile(r'\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|([^\s()"]+))', re.DOTALL)


def parse(text: str) -> Tree:
    """Return the one expression of a text; raises ValueError where it is not one."""
    stack: list[Tree] = [[]]
    text, position = text.rstrip(), 0
    while position < len(text):
        found = TOKEN.match(text, position)
        if found is None:
            raise ValueError(f"no token at {position}")
        opened, closed, quoted, word = found.groups()
        if opened:
            stack.append([])
        elif closed:
            if len(stack) == 1:
                raise ValueError(f"closed too often at {position}")
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(word if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        position = found.end()
    if len(stack) != 1 or len(stack[0]) != 1 or not isinstance(stack[0][0], list):
        raise ValueError("it is not one expression")
    return stack[0][0]


def each(tree: Tree, name: str) -> list[Tree]:
    """Return the branches of a tree that begin with a name."""
    return [branch for branch in tree if isinstance(branch, list) and branch[:1] == [name]]


def value(tree: Tree, name: str) -> str:
    """Return the word behind a name; raises ValueError where it is not there once."""
    [branch] = each(tree, name)
    return str(branch[1])
