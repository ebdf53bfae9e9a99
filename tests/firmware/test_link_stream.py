"""Packets through the stand-in's link."""

import pytest

from tests.rig.interpreter import run, run_32bit


@pytest.fixture(scope="module", params=[run, run_32bit], ids=["64 bit", "32 bit"])
def lines(request):
    # the heap holds what the centrals received too
    return request.param("link_stream.py", heap_kb=4000)


@pytest.fixture(scope="module")
def facts(lines):
    return {name: value for line in lines for name, value in line.items()}


def test_packets_are_the_same_whatever_the_mtu(lines):
    by_mtu = {line["mtu"]: line for line in lines if "mtu" in line}
    assert set(by_mtu) == {23, 24, 100, 185, 246, 247, 517}
    for mtu, line in by_mtu.items():
        assert line["right"], mtu
        assert line["longest"] == min(mtu - 3, 244)
        assert (line["cut"] == 0) == (mtu >= 247)


def test_a_storm_of_enomem_loses_and_repeats_nothing(facts):
    assert facts["slow_produced"] > 300
    assert facts["slow_waiting"] > 30  # the link was too slow all along
    assert facts["slow_refused_per_s"] > 0.3
    assert facts["slow_in_order"]
    assert facts["slow_right"]


def test_a_stop_is_heard_in_a_storm(facts):
    assert facts["heard"] == 14
    assert facts["events_until_heard"] <= 4
    assert facts["most_in_a_step"] <= 8
    assert facts["slow_refused_per_s"] < 2
    assert "lost" not in facts


def test_a_dead_link_ends_sending_and_the_host_comes_back(facts):
    assert facts["dead"] == 1
    assert facts["flowing"] is False
    assert facts["linked"] is False
    assert facts["unsent"]
    assert facts["first_arrived"]
    assert facts["unasked"] == 0
    assert facts["resumed"]  # from the first that was not acknowledged, across the wrap at 2^24
    assert facts["resumed_right"]
    assert facts["dropped"] == 0


def test_who_takes_the_place_gets_nothing_unasked(facts):
    assert facts["follower_owns"]
    assert facts["follower_gets"] == 0


def test_answers_go_first_and_to_whom_they_are_for(facts):
    assert facts["answers_first"]
    assert facts["answers"] == ["820000", "820100", "820200"]
    assert facts["other"] == ["82090b"]
    assert facts["other_data"] == 0
    assert facts["data_too"] == 6
