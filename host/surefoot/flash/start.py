"""From a flash that is right to a pod that runs: its files, its settings, its answer, its start."""

from __future__ import annotations

import hashlib

from surefoot.flash.belongings import Belongings
from surefoot.flash.bench import RENEW_S, Bench, Done, Show
from surefoot.flash.plan import Content
from surefoot.flash.trouble import PodSilent
from surefoot.usb.ports import Port
from surefoot.usb.repl import Repl
from surefoot.usb.trouble import BoardRaised, NoPrompt

START_S = 5.0
"""boot.py looks at the button for a second, the sensor takes another; a Ctrl-C before main.py would stop the start."""

ERASE = "surefoot flash --erase makes it new: settings, bonds and runs are lost"
"""What is left where the file system or its content is damaged."""

_ASK = """\
import board, pod
print(board.NAME, '.'.join(str(n) for n in pod.VERSION))
"""
_STARTED = """\
g = globals()
r = g.get('record')
print(0 if g.get('safe_mode', True) else 1)
print(__import__('safe').WHY[g['verdict']] if 'verdict' in g else 'boot.py did not run to its end.')
print(r.text.decode() if r else '')
"""


def settle(port: Port, mac: str, wanted: Content, belongings: Belongings, done: Done, show: Show, bench: Bench) -> None:
    """Put the files into MicroPython's file system, ask who answers, and see that the pod starts.

    Raises
    ------
    PodSilent
        It answers otherwise than it should, or is in safe mode.
    OtherBoard
        It is not the board with the number `mac`; nothing was put onto it.
    """
    show.step("Putting boot.py and main.py onto the board")

    def when_silent() -> None:
        # lines alone may not end a boot loader that a button began, as an S3 may have wanted
        show.say("The board does not answer yet. Press its reset button now, with BOOT not held.")

    bench.sleep(RENEW_S)
    try:
        with bench.prompt(port, mac, when_silent) as repl:
            # before main.py, so that no pod ran meanwhile and made settings of its own
            if belongings.waiting:
                _give_back(belongings, repl, done, show)
            # main.py last: a pod that starts has the boot.py that looks after it
            for name in sorted(wanted.files):
                if _put(repl, name, wanted.files[name]):
                    done.files.append(name)
            name_and_version = repl.run(_ASK).split()
            if name_and_version != [wanted.facts.name, wanted.version]:
                told = " ".join(name_and_version)
                raise PodSilent(port.device, f"all is written, but it calls itself '{told}'", "run the command again")
            repl.reset()
        show.step("Waiting for the pod to start")
        bench.sleep(START_S)
        with bench.prompt(port, mac) as repl:
            started, why, fault = [*repl.run(_STARTED).splitlines(), "", "", ""][:3]
            repl.reset()
    except BoardRaised as error:
        raise PodSilent(
            port.device,
            f"all is written, but the firmware does not answer as it should ({error.exception})",
            f"run the command again; if it stays so, {ERASE}",
        ) from None
    except NoPrompt as error:
        raise PodSilent(
            port.device,
            f"all is written, but {error.why}",
            f"press its reset button, with BOOT not held, and run the command again; if it stays so, {ERASE}",
        ) from None
    if started != "1":
        last = f" Its last fault: {fault}" if fault else ""
        raise PodSilent(
            port.device,
            f"all is written, but the pod is in safe mode: {why}{last}".rstrip("."),
            "let go of its button and press reset; docs/firmware.md says what safe mode is",
        )


def _give_back(belongings: Belongings, repl: Repl, done: Done, show: Show) -> None:
    put_back = belongings.put_back(repl)
    if put_back is None:
        show.say(
            f"{belongings.path} holds settings and bonds of this pod from before; it has newer ones, which stay. "
            "Remove that file if you do not need it."
        )
    else:
        done.put_back = put_back


def _put(repl: Repl, name: str, data: bytes) -> bool:
    """Make `data` the file `name` of the board unless it is so already; whether it was written."""
    if repl.hash(name) == hashlib.sha256(data).hexdigest():
        return False
    repl.write_file(name, data)
    return True
