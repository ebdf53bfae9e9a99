"""boot.py and main.py: when the pod starts, when it stays in safe mode, and what gets it back."""

import itertools

import pytest
import safe
from hypothesis import given
from hypothesis import strategies as st

from tests.rig.interpreter import run
from tests.rig.power_on import Pod

POWER_ON, HARD, WATCHDOG, WAKE, SOFT, BROWN_OUT = 1, 2, 3, 4, 5, 6
CAUSES = range(7)


@pytest.fixture
def pod(tmp_path, monkeypatch):
    return Pod(tmp_path, monkeypatch)


def memory(data=b""):
    kept = [data]

    def access(new=None):
        if new is None:
            return kept[0]
        kept[0] = bytes(new)
        return None

    return access


# --- the decision


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize(("unfinished", "request_", "down"), list(itertools.product(range(5), (0, 1), (False, True))))
def test_the_whole_table_of_the_decision(tmp_path, cause, unfinished, request_, down):
    record = safe.Record(memory(), str(tmp_path / "none"))
    record.unfinished, record.request = unfinished, request_
    switched_on = cause in (POWER_ON, BROWN_OUT)
    if request_ == 1:
        expected = safe.ASKED
    elif unfinished >= 3 and not switched_on:
        expected = safe.CRASHED
    elif down and cause != WAKE:
        expected = safe.HELD
    else:
        expected = safe.GO
    assert record.verdict(cause, down) == expected


@pytest.mark.parametrize(("told", "meant"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 0), (77, 0)])
def test_reset_causes(tmp_path, told, meant):
    assert safe.Record(memory(), str(tmp_path / "none")).cause(told) == meant


def test_a_power_on_that_left_the_memory_alone_is_a_brown_out(tmp_path):
    kept = memory()
    record = safe.Record(kept, str(tmp_path / "none"))
    record.keep(False)
    assert safe.Record(kept, str(tmp_path / "none")).cause(POWER_ON) == BROWN_OUT


# --- the record


@pytest.mark.parametrize("place", ["memory", "file"])
@given(
    numbers=st.tuples(*[st.integers(0, 0xFF)] * 2, *[st.integers(0, 0xFFFF)] * 4),
    armed=st.booleans(),
    text=st.text(st.characters(max_codepoint=126), max_size=100),
)
def test_the_record_survives_in_either_place(tmp_path_factory, place, numbers, armed, text):
    path = str(tmp_path_factory.mktemp("record") / "record")
    kept = memory()
    record = safe.Record(kept, path)
    record.unfinished, record.request, record.boots, record.watchdogs, record.faults, record.brownouts = numbers
    record.armed = armed
    faults = record.faults
    record.fault(text)
    record.keep(place == "file")
    again = safe.Record(kept if place == "memory" else memory(), path)
    assert again.survived == (place == "memory")
    assert (again.unfinished, again.request, again.boots, again.watchdogs, again.brownouts) == (
        *numbers[:4],
        numbers[5],
    )
    assert again.faults == (faults + 1) & 0xFFFF
    assert (again.armed, again.text) == (armed, text.encode()[:60])


@given(data=st.binary(max_size=120))
def test_garbage_is_the_first_day(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("record") / "record"
    path.write_bytes(data)
    record = safe.Record(memory(data), str(path))
    assert (record.unfinished, record.boots, record.text, record.survived) == (0, 0, b"", False)


# --- starts


def test_a_good_start(pod):
    seen = []
    pod.main = lambda record, cause: seen.append((record.boots, record.unfinished, cause))
    names = pod.start(POWER_ON)
    assert names["safe_mode"] is False
    assert seen == [(1, 1, POWER_ON)]
    assert pod.machine.WDT.made == pod.machine.Timer.made == []


def crash(record, cause):
    raise ValueError("broken")


@pytest.mark.parametrize("memory_survives", [True, False])
def test_three_crashes_in_a_row_lead_to_safe_mode_and_the_next_reset_tries_again(pod, memory_survives):
    pod.main = crash
    for start in range(4):
        names = pod.start(POWER_ON if start == 0 else HARD)
        assert (names["safe_mode"], names.get("stopped")) == ((False, "reset") if start < 3 else (True, None))
        if not memory_survives:
            pod.machine.RTC.stored[0] = b""
    assert names["record"].text.startswith(b"ValueError: broken at test_boot.py:")
    assert pod.start(HARD)["safe_mode"] is False


def test_watchdog_resets_count_like_crashes(pod):
    """The main loop hangs: nothing is caught, the watchdog resets."""
    assert [pod.start(cause)["safe_mode"] for cause in (POWER_ON, *[WATCHDOG] * 3)] == [False, False, False, True]
    assert pod.start(HARD)["record"].watchdogs == 2


def test_crashes_that_come_later_than_a_minute_never_lead_to_safe_mode(pod):
    def long_run(record, cause):
        record.settle(False)
        raise ValueError

    pod.main = long_run
    assert not any(pod.start(cause)["safe_mode"] for cause in (POWER_ON, *[HARD] * 9))


def test_switching_off_and_on_starts_the_count_anew(pod):
    pod.main = crash
    causes = (POWER_ON, HARD, HARD, POWER_ON, HARD, HARD)
    assert not any(pod.start(cause)["safe_mode"] for cause in causes)
    assert pod.start(HARD)["safe_mode"] is True


def test_a_package_that_cannot_be_imported_leads_to_safe_mode(pod):
    pod.main = ImportError()
    assert [pod.start(cause)["safe_mode"] for cause in (POWER_ON, *[HARD] * 3)] == [False, False, False, True]


def test_safe_mode_when_asked_for(pod):
    def asked(record, cause):
        record.ask(safe.SAFE)

    pod.main = asked
    assert [pod.start(cause)["safe_mode"] for cause in (POWER_ON, HARD, HARD)] == [False, True, False]


@pytest.mark.parametrize(("cause", "expected"), [(POWER_ON, True), (HARD, True), (WATCHDOG, True), (WAKE, False)])
def test_the_button_held_while_it_starts(pod, cause, expected):
    pod.machine.Pin.drive(pod.board.BUTTON, 0)
    assert pod.start(cause)["safe_mode"] is expected


def test_a_button_that_is_let_go_within_a_second_is_no_request(pod):
    pod.machine.Pin.drive(pod.board.BUTTON, 0)

    def sleep_ms(ms):
        pod.slept_ms += ms
        if pod.slept_ms >= 900:
            pod.machine.Pin.drive(pod.board.BUTTON, 1)

    pod.monkeypatch.setattr("time.sleep_ms", sleep_ms, raising=False)
    assert pod.start(POWER_ON)["safe_mode"] is False


def test_in_safe_mode_the_led_turns_over_each_second_and_no_watchdog_runs(pod):
    pod.machine.Pin.drive(pod.board.BUTTON, 0)
    pod.start(POWER_ON)
    (timer,) = pod.machine.Timer.made
    assert (timer.id, timer.period_ms, pod.machine.WDT.made) == (0, 1000, [])
    levels = []
    for _ in range(4):
        timer.callback(timer)
        levels.append(pod.machine.Pin.levels[pod.board.LED])
    assert levels == [1, 0, 1, 0]


def arm(record, cause):
    record.armed = True
    record.keep(False)


def test_a_watchdog_that_still_runs_is_fed_while_a_file_is_sent(pod):
    """After a soft reset for a file transfer boot.py runs and main.py does not."""
    pod.main = arm
    pod.start(POWER_ON)
    pod.main = None
    pod.start(SOFT)
    (watchdog,) = pod.machine.WDT.made
    (timer,) = pod.machine.Timer.made
    assert watchdog.timeout_ms == 8000 and timer.period_ms < watchdog.timeout_ms
    timer.callback(timer)
    assert watchdog.fed == 1


@pytest.mark.parametrize("cause", [HARD, WATCHDOG, WAKE])
def test_after_any_other_reset_boot_starts_no_watchdog(pod, cause):
    pod.main = arm
    pod.start(POWER_ON)
    pod.start(cause)
    assert pod.machine.WDT.made == pod.machine.Timer.made == []


def test_a_pod_without_a_board_file_waits_for_one(pod):
    pod.board = None
    assert pod.start(POWER_ON)["safe_mode"] is True
    assert pod.machine.Timer.made[0].callback(None) is None


def test_a_broken_boot_does_not_start_the_pod(pod):
    pod.monkeypatch.setattr(pod.machine, "reset_cause", None)
    assert pod.start(POWER_ON)["safe_mode"] is True


def test_main_without_boot_does_nothing(pod):
    names = {"__name__": "__main__"}
    pod._run("main.py", names)
    assert set(names) == {"__name__", "__builtins__", "__doc__"}


def test_ctrl_c_ends_main_with_the_prompt(pod):
    def interrupted(record, cause):
        raise KeyboardInterrupt

    pod.main = interrupted
    with pytest.raises(KeyboardInterrupt):
        pod.start(POWER_ON)


def test_the_same_under_micropython(tmp_path):
    """Three broken starts, then safe mode; the text names the fault and its place; no package is there."""
    starts = run("life_boot.py", tmp_path)
    assert [start["safe_mode"] for start in starts] == [False, False, False, True, False]
    assert [start["stopped"] for start in starts] == ["reset"] * 3 + [None, "reset"]
    assert starts[3]["text"] == "ImportError: no module named 'pod.start' at main.py:14"
    assert starts[3]["led"] == [1, 0, 1]
