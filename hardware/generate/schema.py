"""What a YAML document says, read into frozen dataclasses; whatever is not exactly as they say is refused."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml

from surefoot.errors import SurefootError

T = TypeVar("T")


class DesignError(SurefootError):
    """A design that cannot be built from.

    Attributes
    ----------
    where : str
        The place in design.yaml, such as ``builds/xiao-c3/nets/SDA``.
    build, net, part : str
        What it is about; empty where that is none of it.
    """

    def __init__(self, where: str, why: str, *, build: str = "", net: str = "", part: str = "") -> None:
        self.where = where
        self.build = build
        self.net = net
        self.part = part
        super().__init__(f"Cannot use {where} of the design", why, "correct hardware/design.yaml")


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which would let the last of two equal keys win, refusing them."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen = set()
    for key, _ in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            continue
        name = loader.construct_object(key, deep=True)
        if not isinstance(name, str):
            raise DesignError(_line(key), f"the key {name!r} is not text (put it in quotes)")
        if name in seen:
            raise DesignError(_line(key), f"the key {name!r} stands there twice")
        seen.add(name)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _line(node: yaml.Node) -> str:
    return f"line {node.start_mark.line + 1}"


def parse(text: str) -> object:
    """Return what YAML text says.

    Raises
    ------
    DesignError
        Where it is not YAML, or a key stands twice in one mapping or is not text.
    """
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else "the text"
        raise DesignError(line, f"it is not YAML ({error.problem})") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DesignError("the text", f"it is not YAML ({type(error).__name__})") from error


def parse_file(path: Path) -> object:
    """Return what a YAML file says; raises `DesignError` as `parse` does, and where it cannot be read."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DesignError(path.name, f"it cannot be read ({error})") from error


def read(kind: type[T], data: object, where: str) -> T:
    """Return `data` as `kind`, which may be a dataclass of such kinds.

    Parameters
    ----------
    kind : type
        A dataclass, ``str``, ``int``, ``float``, ``bool``, ``X | None``, ``Literal``,
        ``tuple[X, ...]``, ``tuple[X, Y]``, ``dict[str, X]`` or ``frozenset[int]``, which is written as numbers and
        ranges such as ``6-11``.
    data : object
        What the YAML says. A dataclass is a mapping of its fields, or a list of them in order.
    where : str
        The place of `data`, for the message.

    Raises
    ------
    DesignError
        Where a field is missing or unknown, or a value is not of its kind.
    """
    return typing.cast(T, _read(kind, data, where))


def _read(kind: Any, data: object, where: str) -> object:  # noqa: PLR0911 (one return per kind)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass(typing.cast(type, kind), data, where)
    if origin in (types.UnionType, typing.Union):
        return None if data is None else _read(next(each for each in inner if each is not type(None)), data, where)
    if origin is typing.Literal:
        return _one_of(inner, data, where)
    if origin is dict:
        return {name: _read(inner[1], value, f"{where}/{name}") for name, value in _keys(data, where).items()}
    if origin is tuple:
        return _tuple(inner, data, where)
    if origin is frozenset:
        return _numbers(data, where)
    return _scalar(kind, data, where)


def _scalar(kind: type, data: object, where: str) -> object:
    if kind is float and type(data) in (int, float):
        number = float(typing.cast(float, data))
        if not math.isfinite(number):
            raise DesignError(where, f"it is {data!r} and not a number")
        return number
    if type(data) is not kind or data == "":
        raise DesignError(where, f"it is {data!r} and not {_name_of(kind)}")
    return data


def _name_of(kind: type) -> str:
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return names.get(kind, kind.__name__)


def _one_of(choices: tuple[object, ...], data: object, where: str) -> object:
    if data not in choices:
        raise DesignError(where, f"it is {data!r} and none of {', '.join(map(str, choices))}")
    return data


def _keys(data: object, where: str) -> dict[str, object]:
    if not isinstance(data, dict):
        raise DesignError(where, f"it is {data!r} and not a list of names with values")
    return data


def _tuple(inner: tuple[Any, ...], data: object, where: str) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise DesignError(where, f"it is {data!r} and not a list")
    if inner[-1] is not Ellipsis and len(data) != len(inner):
        raise DesignError(where, f"it has {len(data)} values and not {len(inner)}")
    kinds = [inner[0]] * len(data) if inner[-1] is Ellipsis else inner
    return tuple(_read(kind, value, f"{where}/{i}") for i, (kind, value) in enumerate(zip(kinds, data, strict=True)))


def _numbers(data: object, where: str) -> frozenset[int]:
    if not isinstance(data, list):
        raise DesignError(where, f"it is {data!r} and not a list")
    found: list[int] = []
    for part in data:
        ends = str(part).split("-")
        if isinstance(part, bool) or len(ends) > 2 or not all(end.isascii() and end.isdigit() for end in ends):
            raise DesignError(where, f"{part!r} is neither a number nor a range such as 6-11")
        found += range(int(ends[0]), int(ends[-1]) + 1)
        if int(ends[0]) > int(ends[-1]):
            raise DesignError(where, f"the range {part} is empty")
    if len(set(found)) < len(found):
        raise DesignError(where, "a number stands there twice")
    return frozenset(found)


def _dataclass(kind: type, data: object, where: str) -> object:
    fields = dataclasses.fields(kind)
    if isinstance(data, list):
        if len(data) > len(fields):
            raise DesignError(where, f"it has {len(data)} values, more than {', '.join(f.name for f in fields)}")
        data = dict(zip((field.name for field in fields), data, strict=False))
    given = _keys(data, where)
    known = {field.name for field in fields}
    if unknown := [name for name in given if name not in known]:
        raise DesignError(where, f"{unknown[0]} is not known there")
    needed = (f for f in fields if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING)
    if missing := [field.name for field in needed if field.name not in given]:
        raise DesignError(where, f"{missing[0]} is missing")
    hints = typing.get_type_hints(kind)
    return kind(**{name: _read(hints[name], value, f"{where}/{name}") for name, value in given.items()})
