"""The pod's codecs give the bytes of the vectors, under both interpreters and CPython."""

import pytest

from tests.firmware.scripts import codec_checks as checks
from tests.rig import interpreter
from tests.rig.vectors import FOLDER, named, vectors

PACKETS, CONTROL, STATUS = vectors("packets"), vectors("control"), vectors("status")
MADE_BY_THE_POD = [case for case in PACKETS["packets"] if case["kind"] == 0 or "record" in case]


@pytest.mark.parametrize("run", [interpreter.run, interpreter.run_32bit])
def test_all_vectors_on_the_interpreter(run):
    results = run("codec_vectors.py", *(FOLDER / f"{name}.json" for name in ("packets", "control", "status")))
    assert [result for result in results if not result["right"]] == []
    subjects = [result["subject"] for result in results]
    expected = {
        "packet": len(MADE_BY_THE_POD),
        "request": len(CONTROL["requests"]),
        "write": len(CONTROL["writes"]),
        "notice": len(CONTROL["notices"]),
        "status": len(STATUS["status"]),
        "measurement": sum(case["of_the_pod"] for case in STATUS["measurements"]),
    }
    assert {subject: subjects.count(subject) for subject in expected} == expected


@pytest.mark.parametrize(**named(MADE_BY_THE_POD))
def test_packet(case):
    assert checks.packet_of(case).hex(" ") == case["hex"]


@pytest.mark.parametrize(**named(CONTROL["requests"]))
def test_request(case):
    handlers = checks.Handlers(case["puts"], case["result"])
    answers = checks.answers_to(bytes.fromhex(case["written"]), handlers)
    assert [answer.hex(" ") for answer in answers] == ([case["answer"]] if case["answer"] else [])
    assert handlers.calls == [case["call"]]


@pytest.mark.parametrize(**named(CONTROL["writes"]))
def test_write(case):
    handlers = checks.Handlers()
    answers = checks.answers_to(bytes.fromhex(case["written"]), handlers)
    assert [answer.hex(" ") for answer in answers] == case["answers"]
    assert handlers.calls == case["calls"]


@pytest.mark.parametrize(**named(STATUS["status"]))
def test_status(case):
    assert checks.status_of(case["fields"]).hex(" ") == case["hex"]
