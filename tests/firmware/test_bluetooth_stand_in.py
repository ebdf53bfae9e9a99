"""The stand-in `bluetooth` is as nasty as the real one: each fact was read in MicroPython's or NimBLE's source."""

import ast

import pytest

from tests.rig.interpreter import FIRMWARE, STAND_INS, run, run_32bit


@pytest.fixture(scope="module", params=[run, run_32bit], ids=["64 bit", "32 bit"])
def facts(request):
    lines = request.param("link_stand_in.py")
    return {name: value for line in lines for name, value in line.items()}


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ("one_object", True),
        ("woke", [29, 30, 29]),  # asks for its identity key, files a new one, asks for its peers
        ("stops_advertising", True),
        ("kept_view", "dddddddddddd"),
        ("kept_tuple", 0),
        ("cut_to", 20),
        ("mtu", 23),
        ("exchanged", 23),
        ("appended", "abcdef"),
        ("read_again", ""),
        ("replaced", "de"),
        ("read_not_encrypted", 0x05),
        ("write_not_encrypted", 0x05),
        ("events_of_those", [29, 29]),  # only whether there is a key; neither read nor write
        ("events_of_subscribe", 0),
        ("notified_unsubscribed", 20),
        ("updates_unsubscribed", 0),
        ("updates_subscribed", 1),
        ("asked_for", 0xFFFF),
        ("denied", 8),
        ("buffers", 12),
        ("full", 12),
        ("after_event", None),
        ("ending", -128),
        ("dead", -128),
        ("disconnect_dead", -128),
        ("disconnected", 2),
        ("unknown_handle", 22),
        ("advertises_too_long", 22),
        ("interrupted", "gatts_read"),
        ("connected_in_between", 1),
        ("raised", "ZeroDivisionError"),
        ("heard_after", 0),
        ("bonds", 1),
        ("restored", True),
        ("encrypted_read", 0),
        ("write", 0),
        ("refused_deletion", "repeated pairing"),
        ("refused_key", "filing a key"),
        ("bonds_left", 0),
    ],
)
def test_stand_in(facts, fact, expected):
    assert facts[fact] == expected


def methods(path):
    """Names and arguments of what class BLE offers."""
    (ble,) = (
        node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef) and node.name == "BLE"
    )
    return {
        node.name: len(node.args.posonlyargs) + len(node.args.args)
        for node in ble.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def test_the_types_name_what_the_stand_in_has():
    typed = methods(FIRMWARE / "typings" / "bluetooth.pyi")
    stood_in = {name: node for name, node in methods(STAND_INS / "bluetooth.py").items() if name in typed}
    assert len(typed) == 11
    typed.pop("config"), stood_in.pop("config")  # by keyword, there; by any keyword, here
    assert typed == stood_in
