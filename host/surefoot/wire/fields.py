"""Fields of fixed width, declared once as the annotations of a dataclass; read from bytes and written to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Self, get_type_hints

from surefoot.errors import WireError

UNKNOWN_I16 = 32767
"""What stands in a signed field of 16 bits that was not measured."""


@dataclass(frozen=True)
class Integer:
    """Little-endian integer of `size` bytes."""

    size: int
    signed: bool = False

    def read(self, data: bytes) -> int:
        """Return the integer in `data`."""
        return int.from_bytes(data, "little", signed=self.signed)

    def write(self, value: int) -> bytes:
        """Return its bytes; OverflowError where it does not fit."""
        return value.to_bytes(self.size, "little", signed=self.signed)


@dataclass(frozen=True)
class Several:
    """`count` integers of one kind."""

    of: Integer
    count: int

    @property
    def size(self) -> int:
        """Bytes of all."""
        return self.of.size * self.count

    def read(self, data: bytes) -> tuple[int, ...]:
        """Return the integers in `data`."""
        return tuple(self.of.read(data[at : at + self.of.size]) for at in range(0, self.size, self.of.size))

    def write(self, values: tuple[int, ...]) -> bytes:
        """Return their bytes."""
        if len(values) != self.count:
            raise ValueError(f"{self.count} values are needed, not {len(values)}")
        return b"".join(map(self.of.write, values))


@dataclass(frozen=True)
class Text:
    """ASCII, filled with zeros to `size` bytes."""

    size: int

    def read(self, data: bytes) -> str:
        """Return the text before the filling."""
        text = data.rstrip(b"\0")
        if b"\0" in text:
            raise ValueError("text goes on behind a zero")
        return text.decode("ascii")

    def write(self, text: str) -> bytes:
        """Return the text and its filling."""
        data = text.encode("ascii")
        if len(data) > self.size or b"\0" in data:
            raise ValueError(f"at most {self.size} characters, none of them a zero")
        return data.ljust(self.size, b"\0")


@dataclass(frozen=True)
class Raw:
    """`size` bytes as they are."""

    size: int

    def read(self, data: bytes) -> bytes:
        """Return them."""
        return data

    def write(self, data: bytes) -> bytes:
        """Return them, if they are as many as needed."""
        if len(data) != self.size:
            raise ValueError(f"{self.size} bytes are needed, not {len(data)}")
        return data


U8 = Annotated[int, Integer(1)]
U16 = Annotated[int, Integer(2)]
U24 = Annotated[int, Integer(3)]
U32 = Annotated[int, Integer(4)]
U64 = Annotated[int, Integer(8)]
I16 = Annotated[int, Integer(2, signed=True)]
I32 = Annotated[int, Integer(4, signed=True)]
Version = Annotated[tuple[int, ...], Several(Integer(1), 3)]
Vector = Annotated[tuple[int, ...], Several(Integer(2, signed=True), 3)]


class Fields:
    """Base of a frozen dataclass whose fields are annotated with the types above, in the order of their bytes."""

    @classmethod
    def size_bytes(cls) -> int:
        """Bytes of all fields."""
        return sum(field.size for _, field in _layout(cls))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read all fields; WireError where the length or a value is wrong."""
        if len(data) != cls.size_bytes():
            raise WireError(_name(cls), f"it has {len(data)} bytes instead of {cls.size_bytes()}")
        try:
            return cls(**dict(cls._read(data)))
        except ValueError as error:
            raise WireError(_name(cls), str(error)) from error

    @classmethod
    def _read(cls, data: bytes) -> Iterator[tuple[str, object]]:
        at = 0
        for name, field in _layout(cls):
            yield name, field.read(data[at : at + field.size])
            at += field.size

    def to_bytes(self) -> bytes:
        """Write all fields; WireError where a value does not fit."""
        return b"".join(self._write(name, field) for name, field in _layout(type(self)))

    def _write(self, name: str, field: Any) -> bytes:
        value = getattr(self, name)
        try:
            written: bytes = field.write(value)
        except (ValueError, OverflowError) as error:
            raise WireError(_name(type(self)), f"{name} cannot be {value}", "give a value that it can hold") from error
        return written


_LAYOUTS: dict[type[Any], tuple[tuple[str, Any], ...]] = {}
"""Of every class that was asked for: to find it takes longer than to read a packet."""


def _layout(cls: type[Any]) -> tuple[tuple[str, Any], ...]:
    if cls not in _LAYOUTS:
        hints = get_type_hints(cls, include_extras=True)
        _LAYOUTS[cls] = tuple((field.name, hints[field.name].__metadata__[0]) for field in dataclasses.fields(cls))
    return _LAYOUTS[cls]


def _name(cls: type) -> str:
    """Say `KeptRun` as 'kept run'."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in cls.__name__.strip("_")).strip()
