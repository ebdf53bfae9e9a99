"""Requests, answers, notices, settings: the vectors, the tables of docs/link.md, and any bytes."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.errors import WireError
from surefoot.wire import answers, requests
from surefoot.wire.answers import ERRORS, ErrorCode
from surefoot.wire.control import Answer, read_notification, read_requests, write_notice, write_request
from surefoot.wire.requests import REQUESTS
from surefoot.wire.settings import SETTINGS
from tests.rig.vectors import named, vectors
from tests.wire.test_wire_packets import plain

VECTORS = vectors("control")
LINK = Path(__file__).parents[2] / "docs" / "link.md"


def rows(head: str) -> list[list[str]]:
    """Cells of the table of docs/link.md whose head starts so."""
    table = LINK.read_text().split(f"\n{head}", 1)[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


@pytest.mark.parametrize(**named(VECTORS["requests"]))
def test_request_both_ways(case):
    kind = getattr(requests, case["request"])
    written = write_request(kind(**case["fields"]), case["tag"])
    assert written.hex(" ") == case["written"]
    assert read_requests(written) == [(case["tag"], kind(**case["fields"]))]


@pytest.mark.parametrize(**named([case for case in VECTORS["requests"] if case["answer"]]))
def test_answer_both_ways(case):
    answer = read_notification(bytes.fromhex(case["answer"]))
    assert (answer.request, answer.tag) == (getattr(requests, case["request"]).CODE, case["tag"])
    assert answer.error == case["result"]
    if case["data"]:
        assert type(answer.data) is getattr(answers, case["data_kind"])
        assert plain(answer.data) == case["data"]
    else:
        assert answer.data is None
    assert answer.to_bytes().hex(" ") == case["answer"]


@pytest.mark.parametrize(**named(VECTORS["notices"]))
def test_notice_both_ways(case):
    notice = read_notification(bytes.fromhex(case["hex"]))
    assert type(notice).__name__ == case["kind"]
    assert plain(notice) == case["fields"]
    assert write_notice(notice).hex(" ") == case["hex"]


@pytest.mark.parametrize(**named(VECTORS["not_answers"]))
def test_not_an_answer(case):
    with pytest.raises(WireError):
        read_notification(bytes.fromhex(case["hex"]))


@pytest.mark.parametrize(("code", "meaning"), VECTORS["errors"])
def test_errors(code, meaning):
    assert ERRORS[code] == meaning
    assert read_notification(bytes([0x82, 7, code]) + bytes(0 if code else 4)).error == ErrorCode(code)


@pytest.mark.parametrize(**named([case for case in VECTORS["writes"] if case["answers"]]))
def test_refusals_are_read_as_answers(case):
    for told in map(bytes.fromhex, case["answers"]):
        assert read_notification(told[:2] + b"\x01") == Answer(told[0] - 0x80, told[1], ErrorCode.NO_SUCH_REQUEST)


def test_requests_of_one_write_are_told_apart():
    sent = [(1, requests.StartRun()), (2, requests.Ack(run=261, sequence=3)), (3, requests.StopRun())]
    assert read_requests(b"".join(write_request(request, tag) for tag, request in sent)) == sent


def test_requests_and_answers_fit_20_bytes():
    assert max(3 + kind.size_bytes() for kind in REQUESTS.values()) <= 20
    assert max(3 + data.size_bytes() for kind in REQUESTS.values() for data in kind.ANSWERS) <= 20


def test_error_table_of_the_page():
    assert {int(code): meaning for code, meaning in rows("| error |")} == ERRORS


def test_request_table_of_the_page():
    sizes = {"u8": 1, "u24": 3, "u32": 4, "i32": 4, "u64": 8}
    table = {int(code, 16): (name, arguments) for code, name, arguments, _ in rows("| request |")}
    assert set(table) == set(REQUESTS)
    for code, (_, arguments) in table.items():
        size = sum(sizes[word] for word in re.findall(r"\b[ui]\d+\b", arguments))
        assert REQUESTS[code].size_bytes() == size, arguments


def test_settings_table_of_the_page():
    table = rows("| number |")
    numbers = [number for row in table for number in range(int(row[0].split()[0]), int(row[0].split()[-1]) + 1)]
    assert numbers == sorted(SETTINGS)
    for number, name, values, at_first in table:
        for setting in (s for s in SETTINGS.values() if s.number in range(int(number[:2]), int(number[-2:]) + 1)):
            assert setting.name.startswith(name.split()[0])
            assert setting.default == int(at_first)
            assert setting.allows(setting.default)
            written = {int(value) for value in re.findall(r"-?\b\d+\b", re.sub(r"0\.\d+", "", values))}
            assert {setting.lowest, setting.highest} <= written


@given(st.binary(max_size=40))
def test_any_notification_is_read_or_refused(data):
    try:
        notice = read_notification(data)
    except WireError:
        return
    written = notice.to_bytes() if isinstance(notice, Answer) else write_notice(notice)
    assert written[:1] + written[2:] == data[:1] + data[2:]


@given(st.binary(max_size=60))
def test_any_write_is_read_or_refused(data):
    try:
        read = read_requests(data)
    except WireError:
        return
    assert b"".join(write_request(request, tag) for tag, request in read) == data


@pytest.mark.parametrize("request_", [requests.Set(1, 1 << 31), requests.Fetch(1, last=1 << 24), requests.SetMark(-1)])
def test_requests_that_do_not_fit(request_):
    with pytest.raises(WireError):
        write_request(request_, 0)
