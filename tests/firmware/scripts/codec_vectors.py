"""All vectors against the pod's codecs: codec_vectors.py PACKETS CONTROL STATUS, paths of the JSON files."""

import json
import sys

import codec_checks as checks
from pod.wire.answer import Answer


def unhex(text):
    return bytes(int(pair, 16) for pair in text.split())


def load(path):
    with open(path) as file:
        return json.load(file)


def report(subject, name, right):
    print(json.dumps({"subject": subject, "name": name, "right": right}))


def packets(vectors):
    for case in vectors["packets"]:
        made = checks.packet_of(case)
        if made is not None:
            report("packet", case["name"], made == unhex(case["hex"]))


def control(vectors):
    for case in vectors["requests"]:
        handlers = checks.Handlers(case["puts"], case["result"])
        answers = checks.answers_to(unhex(case["written"]), handlers)
        expected = [unhex(case["answer"])] if case["answer"] else []
        report("request", case["name"], answers == expected and handlers.calls == [case["call"]])
    for case in vectors["writes"]:
        handlers = checks.Handlers()
        answers = checks.answers_to(unhex(case["written"]), handlers)
        right = answers == [unhex(answer) for answer in case["answers"]] and handlers.calls == case["calls"]
        report("write", case["name"], right)
    fetched, tested = vectors["notices"]
    answer = Answer()
    answer.fetched(*[fetched["fields"][name] for name in ("run", "sent", "not_kept")])
    report("notice", "fetched", bytes(answer.bytes[: answer.length]) == unhex(fetched["hex"]))
    answer.self_tested(*[tested["fields"][name] for name in ("passed", "change_percent", "gyro_bias_raw")])
    report("notice", "self-tested", bytes(answer.bytes[: answer.length]) == unhex(tested["hex"]))


def status(vectors):
    for case in vectors["status"]:
        report("status", case["name"], checks.status_of(case["fields"]) == unhex(case["hex"]))
    for case in vectors["measurements"]:
        if case["of_the_pod"]:
            made = checks.measurement_of(case["running"], case["cadence_spm"])
            report("measurement", case["name"], made == unhex(case["hex"]))


packets(load(sys.argv[1]))
control(load(sys.argv[2]))
status(load(sys.argv[3]))
