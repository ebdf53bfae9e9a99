from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from surefoot.analysis import Analysis
from surefoot.findings.model import Sentence
from surefoot.recording.samples import Condition
from surefoot.report import render
from tests.report.page_check import Page
from tests.rig import sample_analysis as sample

ORDER = ["found", "quality", "run", "descents", "grade", "landing", "stability", "thirds", "method"]
HOSTILE = "<script>alert('x')</script>\"&"


def few_strides(whole: Analysis) -> Analysis:
    return replace(sample.without_findings(whole), strides=whole.strides.iloc[:12], curves=())


def nothing_usable(whole: Analysis) -> Analysis:
    return replace(whole, strides=whole.strides.assign(usable=False, reject_reason="turn"), curves=())


def no_descents(whole: Analysis) -> Analysis:
    segments = whole.terrain.segments
    found = whole.findings
    return replace(
        whole,
        terrain=replace(whole.terrain, segments=segments[segments["kind"] != "descent"]),
        findings=replace(
            found, comparisons=found.comparisons[~found.comparisons["group"].str.startswith("descent")], sentences=()
        ),
    )


def no_altitude(whole: Analysis) -> Analysis:
    profile = whole.terrain.profile
    assert profile is not None
    nowhere = replace(profile, altitude_m=np.full_like(profile.altitude_m, np.nan))
    return replace(whole, terrain=replace(whole.terrain, profile=nowhere))


VARIANTS: dict[str, Callable[[Analysis], Analysis]] = {
    "whole": lambda whole: whole,
    "pod": sample.without_route,
    "no terrain": sample.without_terrain,
    "no findings": sample.without_findings,
    "no descents": no_descents,
    "no altitude": no_altitude,
    "few strides": few_strides,
    "nothing usable": nothing_usable,
    "no strides": lambda _: sample.empty(),
    "all nan": lambda _: sample.unmeasured(),
}


@cache
def whole_run() -> Analysis:
    return sample.sample_analysis(900)


@cache
def rendered(variant: str) -> str:
    return render(VARIANTS[variant](whole_run()))


@cache
def read(variant: str) -> Page:
    return Page(rendered(variant))


@pytest.fixture
def whole() -> Analysis:
    return whole_run()


@pytest.fixture
def html() -> str:
    return rendered("whole")


@pytest.fixture
def page() -> Page:
    return read("whole")


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_is_a_whole_page(variant: str) -> None:
    html, page = rendered(variant), read(variant)
    assert page.faults == []
    assert [e.attributes["id"] for e in page.all("section")] == ORDER
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="|url\()#([\w-]+)', html)) <= set(ids)
    for name in ORDER:
        assert re.search(r"\w{4,}.*\w{4,}.*\w{4,}", page.section(name)), f"section {name} says nothing"
    assert not re.search(r"\b(?:nan|NaN|inf|None|undefined)\b", " ".join(page.sections.values()))


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_picture_has_alternative_text(variant: str) -> None:
    for picture in read(variant).all("svg"):
        assert picture.attributes["role"] == "img"
        assert len(picture.attributes["aria-label"]) > 20
        assert re.search(r"\d", picture.attributes["aria-label"])
        assert not re.search(r"\b(?:nan|inf)\b", picture.attributes["aria-label"])


def test_every_figure_has_a_caption(html: str, page: Page) -> None:
    assert len(page.all("figure")) == 4
    assert all(len(caption.text) > 60 for caption in page.all("figcaption"))
    assert html.count("<figcaption>") == 4


def test_nothing_is_asked_from_outside(html: str, page: Page) -> None:
    assert not {"script", "link", "img", "iframe", "image", "object", "foreignobject"} & {e.tag for e in page.elements}
    for element in page.elements:
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            assert element.attributes.get(name, "#").startswith("#")
    assert all(target.startswith("#") for target in re.findall(r"url\(['\"]?([^)]*)", html))
    assert "@import" not in html
    assert "http:" not in html
    assert "https:" not in html


def test_an_hour_stays_small() -> None:
    assert len(render(sample.sample_analysis(5000)).encode()) < 600_000


def test_the_same_run_gives_the_same_page(html: str) -> None:
    assert render(sample.sample_analysis(900)) == html


def test_names_and_notes_are_text_and_never_markup(whole: Analysis) -> None:
    whole = sample.without_terrain(whole)
    quality = replace(whole.quality, conditions=(Condition("x", HOSTILE, 1, True),))
    findings = replace(
        whole.findings,
        sentences=(
            Sentence(f"Raised ({HOSTILE})", HOSTILE, "off_plane", "", True),
            Sentence(HOSTILE, "", "", "", False),
        ),
        baseline_note=HOSTILE,
    )
    strides = whole.strides.assign(reject_reason=np.where(whole.strides["usable"], "", HOSTILE))
    page = Page(
        render(
            replace(
                whole,
                name=HOSTILE,
                about=HOSTILE,
                quality=quality,
                findings=findings,
                strides=strides,
                parameters={HOSTILE: HOSTILE},
            )
        )
    )
    assert page.faults == []
    assert page.all("script") == []
    assert page.all("h1")[0].text == HOSTILE
    assert f"Raised ({HOSTILE})" in page.section("found")
    assert page.section("found").count(HOSTILE) == 4
    assert HOSTILE in page.section("quality")
    assert page.section("method").count(HOSTILE) == 2


def test_found_comes_raised_first_and_marks_what_is_experimental(page: Page) -> None:
    found = page.section("found")
    assert found.index("your landing shock was 49 %") < found.index("each landing took") < found.index("Your cadence")
    assert "0.28 m/s from the shin. experimental" in found
    assert found.count("experimental") == 1


def test_serious_conditions_come_first(page: Page) -> None:
    quality = page.section("quality")
    assert quality.index("Mind: 5 strides reached") < quality.index("The recording has 6 gaps")


def test_a_run_without_a_finding_says_so_in_the_words_of_the_findings() -> None:
    whole = sample.empty()
    nothing = (Sentence("Nothing stood out: 2 descents.", "", "", "", False),)
    page = Page(render(replace(whole, findings=replace(whole.findings, sentences=nothing))))
    assert page.section("found").count("Nothing stood out: 2 descents.") == 1


def test_experimental_measures_are_marked_wherever_they_stand(page: Page) -> None:
    thirds = page.section("thirds")
    for name in ("Braking", "Off-plane twist", "Sideways rocking", "Settling time"):
        assert f"{name} experimental" in thirds
    assert "Shock experimental" not in thirds
    assert page.section("descents").count("experimental") == 2 * 2 + 2  # two measures and the braking landings, each
    assert "Braking (experimental), m/s" in page.section("run")
    assert "Braking (experimental), m/s" in page.section("grade")


def test_grade_from_the_pod_is_marked_as_such() -> None:
    page = read("pod")
    for name in ("found", "descents", "run", "grade", "landing"):
        assert "from the pod alone" in page.section(name)
    assert "down; mean" not in page.section("descents")


def test_what_is_missing_is_said() -> None:
    bare = read("no terrain")
    assert "Grade is not known" in bare.section("descents")
    assert "Altitude was not measured." in bare.section("run")
    assert "No descent was found" in read("no descents").section("descents")
    none = read("no findings")
    assert "only 12 usable strides on the level" in none.section("found")
    assert "too few to compare, or no baseline" in none.section("descents")
    assert "Too few usable strides were measured to draw the run over time." in read("no strides").section("run")


def test_standing_text_and_limits(page: Page) -> None:
    method = page.section("method")
    for part in (
        "not a medical device",
        "how a strap on the skin of the shin moves",
        "cannot see the knee",
        "forces or torque",
        "above 3 out of 10",
        "swelling",
        "locks or gives way",
        "see a clinician",
        "up to 2.5 g",
        "±5° as an absolute value and ±2° as a change",
        "±15 to 20 ms",
        "landing.low_pass_hz 60.0",
    ):
        assert part in method
    words = " ".join(page.sections.values()).lower()
    for banned in ("injury", "impact force", "risk", "abnormal", "diagnos", "safe"):
        assert banned not in words


def test_the_page_follows_light_dark_and_print(html: str) -> None:
    body = html[html.index("</style>") :]
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
    assert set(re.findall(r"(?:fill|stroke): ([^;\"]+)", body)) <= {
        "none",
        *(f"var(--{name})" for name in ("ink", "muted", "line", "paper", "level", "descent", "climb")),
    }
