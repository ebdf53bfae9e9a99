"""Pairing: who gets in. In the stand-in the stack's key store has NimBLE's traps; here also the table by itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pod.link.pairing import Pairing

from tests.rig.interpreter import run, run_32bit

OUR_KEYS, PEER_KEYS, IDENTITY_KEY = 1, 2, 10
ADDRESSES = [bytes([0, n, 0, 0, 0, 0, n]) for n in range(7)]


class Memory:
    def __init__(self, data=None):
        self.data = data

    def load(self):
        return self.data

    def save(self, data):
        self.data = data
        return True


@pytest.fixture(scope="module", params=[run, run_32bit], ids=["64 bit", "32 bit"])
def lines(request):
    return request.param("link_pairing.py")


@pytest.fixture(scope="module")
def facts(lines):
    return {name: value for line in lines for name, value in line.items()}


def each(lines, name):
    return [line[name] for line in lines if name in line]


def test_closed_lets_nobody_in(facts):
    assert facts["closed_lets_in"] is False
    assert facts["closed_refusals"] == 1
    assert facts["closed_bonds"] == 0
    assert facts["closed_hears"] is None


def test_open_lets_in_and_keys_survive_a_reset(lines):
    # with a public address, and with a private one that only the keys resolve
    assert each(lines, "open_lets_in") == [True, True]
    assert each(lines, "saves") == [1, 1]
    assert each(lines, "stays") == [True, True]
    assert each(lines, "known_after_reset") == [True, True]
    assert each(lines, "rewritten") == [0, 0]
    assert each(lines, "heard_after_reset") == [True, True]
    assert each(lines, "key_refresh") == [True, True]


def test_window_is_a_minute(lines):
    for _, later, is_open, bonds in each(lines, "window"):
        assert is_open == bonds == (later < 60000)


def test_five_failures_close_it(facts):
    assert facts["open_before_each"] == [True] * 5
    assert facts["open_after_five"] is False
    assert facts["then"] is False
    assert facts["opens_again"] is True


def test_short_key_is_refused(facts):
    assert facts["short_key_lets_in"] is False
    assert facts["short_key_counts"] == 1


def test_forget_all(facts):
    assert facts["forgotten_reads"] == 0x08
    assert facts["forgotten_connected"] is False
    assert facts["bonds_kept"] == 0
    assert facts["forgotten_again"] is False


def test_who_takes_a_bonded_address_gets_nothing_and_breaks_nothing(lines):
    # once with a stack that bonds only when told to, once with one that always bonds
    assert each(lines, "thief_at_once")[0] is False
    assert each(lines, "thief_stays") == [False, False]
    assert each(lines, "friend_after_thief") == [True, True]
    assert each(lines, "saved_same") == [True, True]
    assert each(lines, "friend_after_reset") == [True, True]
    assert each(lines, "new_name_at_once") == [False, False]
    assert each(lines, "friend_still") == [True, True]
    assert each(lines, "new_name_stays") == [False, False]
    assert each(lines, "bonds_then") == [1, 1]


def test_a_thief_is_refused_even_if_the_stack_bonds_unasked(lines):
    assert each(lines, "thief_at_once")[1] is False


def test_keys_of_others_do_not_help(facts):
    assert facts["unknown_bonded"] is False
    assert facts["wrong_keys"] is False
    assert facts["replayed"] is False


def test_four_bonds_the_oldest_go(facts):
    assert facts["bonds"] == 4
    assert facts["identity_kept"]
    assert facts["six_friends"] == [False, False, True, True, True, True]


def test_storage_that_fails(facts):
    assert facts["retries"] in (2, 3)  # every 10 s of 30
    assert facts["still_in"]
    assert facts["faults"]
    assert facts["saved_at_last"] == 1
    assert facts["saved_while_not_allowed"] == 0
    assert facts["saved_when_allowed"] == 1


secrets = st.lists(
    st.tuples(st.sampled_from([OUR_KEYS, PEER_KEYS]), st.sampled_from(ADDRESSES), st.binary(min_size=1, max_size=300)),
    max_size=20,
)


@given(secrets)
def test_table_survives_saving(entries):
    memory = Memory()
    pairing = Pairing(memory)
    pairing.open(0)
    assert pairing.put(IDENTITY_KEY, b"irk", b"i" * 16)
    for kind, key, value in entries:
        assert pairing.put(kind, bytearray(key), memoryview(value))
    pairing.step(1, True)
    again = Pairing(memory)
    # an independent account of what must be left: the last value of each, of the four newest of those with our keys
    values, order = {}, []
    for kind, key, value in entries:
        values[kind, key] = value
        if kind == OUR_KEYS:
            order = [other for other in order if other != key] + [key]
            for gone in order[:-4]:
                values.pop((OUR_KEYS, gone), None)
                values.pop((PEER_KEYS, gone), None)
            order = order[-4:]
    for kind in (OUR_KEYS, PEER_KEYS):
        for key in ADDRESSES:
            assert again.get(kind, 0, key) == pairing.get(kind, 0, key) == values.get((kind, key))
        listed = [again.get(kind, n, None) for n in range(9)]
        assert sorted(v for v in listed if v is not None) == sorted(v for (k, _), v in values.items() if k == kind)
    assert again.get(IDENTITY_KEY, 0, b"irk") == b"i" * 16
    assert [again.knows(key) for key in ADDRESSES] == [(OUR_KEYS, key) in values for key in ADDRESSES]
    assert again.bonds() == len(order) <= 4


calls = st.lists(
    st.tuples(
        st.sampled_from([OUR_KEYS, PEER_KEYS]), st.sampled_from(ADDRESSES), st.one_of(st.none(), st.binary(max_size=9))
    ),
    max_size=12,
)


@given(secrets, calls)
def test_closed_the_stack_cannot_change_the_table(entries, later):
    memory = Memory()
    pairing = Pairing(memory)
    pairing.open(0)
    for kind, key, value in entries:
        pairing.put(kind, key, value)
    pairing.step(1, True)
    saved = memory.data
    before = {(k, a): pairing.get(k, 0, a) for k in (OUR_KEYS, PEER_KEYS) for a in ADDRESSES}
    pairing.close()
    for kind, key, value in later:
        said = pairing.put(kind, key, value)
        if not value:
            assert pairing.get(kind, 0, key) is None, "the stack would ask for ever"
        else:
            assert said, "the stack would unpair the others"
        pairing.step(2, True)
    assert memory.data == saved
    pairing.unshelve()
    assert {place: pairing.get(place[0], 0, place[1]) for place in before} == before


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_any_bytes_load(data):
    pairing = Pairing(Memory(data))
    assert pairing.damaged == 0 or pairing.bonds() == 0
    pairing.open(0)
    pairing.put(OUR_KEYS, ADDRESSES[1], b"x")
    pairing.step(0, True)


@given(secrets.filter(bool), st.data())
def test_cut_off_files_are_found(entries, data):
    memory = Memory()
    pairing = Pairing(memory)
    pairing.open(0)
    for kind, key, value in entries:
        pairing.put(kind, key, value)
    pairing.step(0, True)
    whole = memory.data
    cut = Pairing(Memory(whole[: data.draw(st.integers(1, len(whole) - 1))]))
    for kind in (OUR_KEYS, PEER_KEYS):
        for key in ADDRESSES:
            left = cut.get(kind, 0, key)
            assert left is None or (not cut.damaged and left == pairing.get(kind, 0, key))
    # a cut between two records cannot be seen from the bytes alone (the file has its own check); any other is
    ends = {1}
    for _, key, value in pairing._secrets:
        ends.add(max(ends) + 4 + len(key) + len(value))
    assert cut.damaged == (len(cut._storage.data) not in ends)


@given(st.integers(0, 255), st.one_of(st.none(), st.binary(max_size=9)), st.one_of(st.none(), st.binary(max_size=9)))
def test_other_kinds_are_not_filed(kind, key, value):
    pairing = Pairing(Memory())
    pairing.open(0)
    taken = pairing.put(kind, key, value)
    assert taken == (kind in (OUR_KEYS, PEER_KEYS, IDENTITY_KEY) and bool(key) and bool(value))
