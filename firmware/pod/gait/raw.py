"""Raw samples: signed numbers of two bytes, the high one first, read without allocating."""

from array import array

HIGH = array("h", [(byte - 256 if byte > 127 else byte) * 256 for byte in range(256)])
"""The value of a byte as the high one: a table takes half as many steps as arithmetic."""

LIMITS = (b"\x7f\xff", b"\x80\x00")
"""The ends of the range."""


class _Key:
    def __getitem__(self, key):
        return key


ALL = _Key()[:]
"""The slice of everything, made once: making a slice allocates."""
