"""The landing report: one self-contained HTML page, made from one analysis."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from surefoot import __version__
from surefoot.analysis import Analysis
from surefoot.report import facts, numbers, tables, words
from surefoot.report.charts.against_grade import draw_against_grade
from surefoot.report.charts.average_landing import draw_average_landing, shown_groups
from surefoot.report.charts.stability import draw_stability
from surefoot.report.charts.timeline import draw_timeline

_BRACKETS = re.compile(r"\([^()]*\)")


def render(analysis: Analysis) -> str:
    """Make the report of one run.

    Parameters
    ----------
    analysis : Analysis
        All that is known of the run. Anything in it may be missing; the page then says so in a sentence.

    Returns
    -------
    str
        A whole HTML page that asks for nothing from outside; the same analysis gives the same text.
    """
    package = resources.files(__package__)
    environment = Environment(autoescape=True, loader=BaseLoader(), undefined=StrictUndefined, trim_blocks=True)
    environment.lstrip_blocks = True
    environment.filters["svg"] = Markup
    environment.filters["bound"] = numbers.bound
    environment.filters["told"] = _told
    template = environment.from_string(package.joinpath("page.html").read_text(encoding="utf-8"))
    css = Markup(package.joinpath("page.css").read_text(encoding="utf-8"))
    return template.render(css=css, **_content(analysis))


def _told(sentence: str) -> Markup:
    """Set the evidence of a found sentence, which stands in brackets, back behind its point."""
    return Markup(_BRACKETS.sub(r'<span class="evidence">\g<0></span>', str(escape(numbers.bound(sentence)))))


def _content(analysis: Analysis) -> dict[str, Any]:
    sentences = analysis.findings.sentences
    return {
        "run": analysis,
        "version": __version__,
        "words": words,
        "numbers": numbers,
        "figures": facts.key_figures(analysis),
        "raised": [s for s in sentences if s.raised],
        "context": [s for s in sentences if not s.raised],
        "compared": bool(analysis.findings.comparisons["difference"].notna().any()),
        "quality": facts.quality_facts(analysis.quality),
        "conditions": sorted(analysis.quality.conditions, key=lambda condition: not condition.serious),
        "rejected": facts.rejected(analysis),
        "alignment": facts.alignment(analysis.quality),
        "ground": facts.ground(analysis.terrain),
        "pod_alone": analysis.terrain.source == "pod",
        "timeline": draw_timeline(analysis),
        "descents": tables.descent_rows(analysis),
        "against_grade": draw_against_grade(analysis),
        "grade_table": tables.grade_table(analysis),
        "landing": draw_average_landing(analysis),
        "landing_groups": shown_groups(analysis),
        "stability": draw_stability(analysis),
        "thirds": tables.third_rows(analysis),
        "settings": facts.settings(analysis.parameters),
    }
