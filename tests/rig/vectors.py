"""The test vectors in `tests/vectors`: bytes and their meaning, the same for firmware, host and page."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "vectors"


def vectors(name: str) -> dict[str, Any]:
    """Return the vectors of one subject, such as `packets`."""
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return content


def named(cases: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the arguments of `pytest.mark.parametrize` that make a test of each case."""
    return {"argnames": "case", "argvalues": cases, "ids": [case["name"] for case in cases]}
