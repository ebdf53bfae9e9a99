"""What people see of a run: `render` turns an analysis into one self-contained page."""

from surefoot.report.page import render

__all__ = ["render"]
