"""design.yaml loads, and whatever could not be wired is refused with its place."""

import copy
import re
from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.generate.design import DESIGN, Design, DesignError, design_of, load
from hardware.generate.schema import parse, read

DOCUMENT = yaml.safe_load(DESIGN.read_text(encoding="utf-8"))
BUILD = DOCUMENT["builds"]["xiao-c3"]


def changed(path: str, value: object) -> dict:
    """Return the document with one value set; None deletes it."""
    document = copy.deepcopy(DOCUMENT)
    *places, last = path.split("/")
    inner = document
    for place in places:
        inner = inner[place]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return document


def test_the_design_loads():
    design = load()
    assert isinstance(design, Design)
    assert {"xiao-c3", "xiao-s3", "lab-s3", "lolin32-lite", "esp32-devkitc", "carrier-c3", "carrier-s3"} == set(
        design.builds
    )


def test_pins_of_the_xiao_are_those_of_its_makers_table():
    """Seeed Studio's wiki and MicroPython's pins.csv: D4 is SDA, D5 is SCL."""
    design = load()
    assert [design.parts["xiao_esp32c3"].pins[name].gpio for name in ("D0", "D1", "D4", "D5", "D10")] == [
        2,
        3,
        6,
        7,
        10,
    ]
    assert [design.parts["xiao_esp32s3"].pins[name].gpio for name in ("D0", "D1", "D4", "D5", "D10")] == [1, 2, 5, 6, 9]


def test_ranges_of_gpios_are_read_as_written():
    assert load().chips["esp32"].pins == {*range(20), 21, 22, 23, 25, 26, 27, *range(32, 40)}


def test_jumpers_join_the_nets_that_they_bridge():
    design = load()
    assert design.builds["carrier-c3"].joined("VBAT_SENSE") == {"VBAT_SENSE", "D1"}
    assert design.builds["carrier-s3"].joined("VBAT_SENSE") == {"VBAT_SENSE", "D0"}
    assert design.builds["carrier-s3"].joined("IMU_INT") == {"IMU_INT", "D1"}
    assert design.builds["xiao-c3"].joined("SDA") == {"SDA"}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("limits/pod_mass_g", None, "pod_mass_g is missing"),
        ("limits/pod_mass_g", "thirty", "'thirty' and not a number"),
        ("limits/pod_mass_g", float("nan"), "nan and not a number"),
        ("limits/pod_mass_g", True, "True and not a number"),
        ("limits/colour", 3, "colour is not known there"),
        ("chips/esp32/pins", ["3-1"], "the range 3-1 is empty"),
        ("chips/esp32/pins", ["0-5", 5], "a number stands there twice"),
        ("chips/esp32/pins", ["six"], "neither a number nor a range"),
        ("parts/gy521/pins/SDA", ["sideways"], "none of power_in"),
        ("parts/gy521/pins/SDA", ["input", 1, 2], "more than kind, gpio"),
        ("parts/gy521/pins/SDA", ["input", 4], "has a GPIO and no chip"),
        ("parts/gy521/pins", {}, "has no pin"),
        ("parts/gy521/mass_g", -1.0, "mass is negative"),
        ("parts/gy521/to_check", ["mass"], "to_check names mass"),
        ("parts/gy521/mpn", "", "'' and not text"),
        ("parts/xiao_esp32c3/chip", "esp8266", "the chip esp8266 is not described"),
        ("parts/xiao_esp32c3/pins/D0", ["bidirectional", 3], "two of its pins bring out the same GPIO"),
        ("parts/xiao_esp32c3/pins/D0", ["bidirectional", 30], "the chip has no GPIO 30"),
        ("firmware_nets/SDA", "DATA", "the net DATA is not described"),
        ("nets/SPARE", {"colour": "RD", "what": "nothing"}, "no build has that net"),
        ("builds/xiao-c3/parts/U2", "gy522", "the part gy522 is not described"),
        ("builds/xiao-c3/parts/u9", "gy521", "u9 is not a reference"),
        ("builds/xiao-c3/board", "xiao_esp32s3", "U1 is not the board"),
        ("builds/xiao-c3/case", "shoe", "the case shoe is not described"),
        ("builds/xiao-c3/case", None, "it is worn and has no case"),
        ("builds/xiao-c3/way", "magic", "none of modules"),
        ("builds/xiao-c3/nets/SDA", ["U1.D4", "U2.SDAA"], "U2.SDAA: gy521 has no such pin"),
        ("builds/xiao-c3/nets/SDA", ["U1.D4", "U7.SDA"], "there is no part U7"),
        ("builds/xiao-c3/nets/SDA", ["U1.D4", "SDA"], "'SDA' is not written as REF.PIN"),
        ("builds/xiao-c3/nets/SDA", ["U1.D4", "U2.SDA", "U2.SCL"], "U2.SCL is on two nets: SDA and SCL"),
        ("builds/xiao-c3/nets/SDA", ["U1.D4", "U2.SDA", "U1.D4"], "U1.D4 is on two nets"),
        ("builds/xiao-c3/nets/SDA", ["U2.SDA"], "the net SDA connects fewer than two pins"),
        ("builds/xiao-c3/nets/SDB", ["U1.D4", "U2.SDA"], "the net SDB is not described"),
        ("builds/xiao-c3/nets/SDA", None, "U1.D4 is on no net and not named as open"),
        ("builds/xiao-c3/open", [*BUILD["open"], "U1.D4"], "U1.D4 is on two nets: SDA and named as open"),
        ("builds/xiao-c3/open", BUILD["open"][1:], "is on no net and not named as open"),
        ("builds/carrier-c3/bridges", {"JP1": ["1", "2"]}, "bridges are given for"),
        ("builds/carrier-c3/bridges/JP1", ["1", "1"], "JP1 cannot be bridged from 1 to 1"),
        ("builds/carrier-c3/bridges/JP1", ["1", "4"], "JP1 cannot be bridged from 1 to 4"),
    ],
)
def test_what_could_not_be_wired_is_refused(path, value, message):
    with pytest.raises(DesignError, match=re.escape(message)) as caught:
        design_of(changed(path, value))
    assert caught.value.next_step and "\n" not in str(caught.value)


def test_an_error_names_build_net_and_part():
    with pytest.raises(DesignError) as caught:
        design_of(changed("builds/lab-s3/nets/SDA", ["U1.D4", "U2.SDAA"]))
    assert (caught.value.build, caught.value.net, caught.value.part) == ("lab-s3", "SDA", "gy521")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3"),
        ("x:\n  a: {b: 1, b: 2}\n", "stands there twice"),
        ("2: two\n", "the key 2 is not text"),
        ("on: 1\n", "the key True is not text"),
        ("a: [1,\n", "not YAML"),
        ("a: !!python/object/apply:os.getcwd []\n", "not YAML"),
        ("a: &a [*a]\n", "not YAML"),
    ],
)
def test_yaml_that_says_one_thing_twice_or_something_odd_is_refused(text, message):
    with pytest.raises(DesignError, match=re.escape(message)):
        parse(text)


def test_a_merged_mapping_may_be_overridden():
    assert parse("a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}\n") == {"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 2}}


def test_our_loader_reads_the_design_as_plain_yaml_does():
    assert parse(DESIGN.read_text(encoding="utf-8")) == DOCUMENT


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(DesignError, match="cannot be read"):
        load(tmp_path / "nowhere.yaml")


@given(st.text(max_size=60) | st.from_regex(r"[a-c\[\]{}:,&*!<0-9 \n'\"-]{0,40}", fullmatch=True))
def test_any_text_is_read_or_refused(text):
    with suppress(DesignError):
        parse(text)


@given(
    st.dictionaries(st.text(min_size=1, max_size=5), st.lists(st.integers(0, 99), unique=True, max_size=9), max_size=4),
)
def test_ranges_and_numbers_mean_the_same(numbers):
    written = {name: [str(n) if n % 2 else n for n in found] for name, found in numbers.items()}
    assert read(dict[str, frozenset[int]], written, "x") == {name: frozenset(found) for name, found in numbers.items()}


def places(node: object, path: tuple = ()) -> list[tuple]:
    """Return the path of every value below a document."""
    found = [path] if path else []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return found + [place for key, value in items for place in places(value, (*path, key))]


PLACES = places(DOCUMENT)
JUNK = st.none() | st.booleans() | st.integers(-3, 99) | st.floats() | st.text(max_size=4) | st.just([]) | st.just({})


@settings(deadline=None)
@given(
    st.sampled_from(PLACES), JUNK | st.lists(JUNK, max_size=3) | st.dictionaries(st.text(max_size=3), JUNK, max_size=2)
)
def test_any_damaged_design_is_read_or_refused(place, junk):
    document = copy.deepcopy(DOCUMENT)
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = junk
    with suppress(DesignError):
        design_of(document)
