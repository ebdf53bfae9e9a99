"""Services and connections, against the table of docs/link.md and bytes composed by hand."""

import re

import pytest

from tests.rig.interpreter import ROOT, run, run_32bit

INSUFFICIENT_AUTHENTICATION, NOT_AUTHORIZED = 0x05, 0x08
READ_NOT_PERMITTED, WRITE_NOT_PERMITTED = 0x02, 0x03


def table():
    """UUID -> (properties, who), as the page has it."""
    page = (ROOT / "docs" / "link.md").read_text()
    rows = page.split("## Services")[1].split("Bonded means")[0]
    found = {}
    for line in rows.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 4 or cells[3] not in ("bonded", "anyone"):
            continue
        for uuid in re.findall(r"`([0-9a-f.-]+)`", cells[1]):
            whole = uuid.replace("...", "7375-7265-666f-6f7420706f64")
            found[whole] = (set(cells[2].split(", ")), cells[3])
    return found


TABLE = table()


@pytest.fixture(scope="module", params=[run, run_32bit], ids=["64 bit", "32 bit"])
def lines(request):
    return request.param("link_services.py")


@pytest.fixture(scope="module")
def facts(lines):
    return {name: value for line in lines if "who" not in line for name, value in line.items()}


def test_the_page_has_all_characteristics():
    assert len(TABLE) == 12
    assert TABLE["5f6f0003-7375-7265-666f-6f7420706f64"] == ({"write", "notify"}, "bonded")
    assert TABLE["2a54"] == ({"read"}, "anyone")


@pytest.mark.parametrize("uuid", TABLE)
def test_rights(lines, uuid):
    properties, who = TABLE[uuid]
    for line in (line for line in lines if line.get("uuid") == uuid):
        allowed = who == "anyone" or line["who"] == "bonded"
        refusal = INSUFFICIENT_AUTHENTICATION if line["who"] == "stranger" else NOT_AUTHORIZED
        if "read" not in properties:
            assert line["read"] == READ_NOT_PERMITTED
        else:
            assert line["read"] == (0 if allowed else refusal), line
        if "write" not in properties:
            assert line["write"] == WRITE_NOT_PERMITTED
        elif line["who"] == "stranger":
            assert line["write"] == INSUFFICIENT_AUTHENTICATION
        assert line["heard"] == (allowed and "write" in properties), line
        if "notify" in properties:
            assert line["notified"] == allowed, line


def test_every_characteristic_was_tried_by_everyone(lines):
    tried = {(line["who"], line["uuid"]) for line in lines if "who" in line}
    assert tried == {(who, uuid) for who in ("stranger", "unbonded", "bonded") for uuid in TABLE}


def test_who_encrypts_without_a_bond_is_sent_away(facts):
    assert facts["sent_away"]
    assert facts["refusals"] == 1


def test_advertising(facts):
    # flags; complete list of 128-bit services, little-endian; of 16-bit ones: 1814
    own = bytes.fromhex("5f6f000173757265666f6f7420706f64")[::-1].hex()
    assert facts["adv"] == "020106" + "1107" + own + "03031418"
    assert bytes.fromhex(facts["response"]) == b"\x0e\x09Surefoot ABCD"
    assert len(bytes.fromhex(facts["adv"])) <= 31
    assert facts["name"] == "Surefoot ABCD"
    assert facts["le_secure"] is True
    assert facts["mtu"] == 247
    assert facts["io"] == 3


def test_owner_is_the_first_bonded_central_that_writes(facts):
    assert facts["requests"] == [[1, True], [2, False]]
    assert facts["third"] is None
    assert not facts["advertises_when_full"]
    assert facts["owner_after"]
    assert not facts["linked"]
    assert facts["advertises_again"]
    assert facts["next_owner"]
    assert facts["linked_again"]


def test_a_request_dies_with_its_writer(facts):
    assert facts["follower_trusted"]
    assert facts["follower_heard"] is None


def test_writes_that_come_too_fast_are_counted(facts):
    assert facts["tags"] == [0, 1, 2, 3]
    assert facts["lost"] == 2
    assert "wrong_tag" not in facts
    assert facts["long_write"] == 200


def test_a_stranger_takes_no_place_and_gets_nothing(facts):
    assert facts["owners_request"] == 9
    assert facts["to_stranger"] == 1
    assert facts["queued"] == 0


def test_mtu_and_interval(lines, facts):
    assert facts["mtu_small"] == 185
    assert facts["interval_unknown"] == 0
    told = {line["units"]: line["interval_ms"] for line in lines if "units" in line}
    assert told == {6: 8, 12: 15, 36: 45, 40: 50, 3200: 4000}
    assert facts["forgotten"] == [23, 0, -1]


def test_places(facts):
    assert not facts["third_stays"]
    assert facts["after_20_s"] == 2
    assert facts["after_40_s"] == 1
    assert facts["advertises_then"]


def test_advertising_comes_back(facts):
    assert facts["advertises_after_failure"]
    assert facts["tries"] == 3
    assert facts["tried_apart"] >= 1000
    assert facts["at_last"]
    assert facts["came_in_between"]
    assert facts["third_place_open"]


def test_a_dead_link_frees_its_place(facts):
    assert facts["dead_trusted"] is False
    assert facts["dead_place_free"]
    assert facts["faults"] == 0
