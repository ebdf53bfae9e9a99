"""Start boot.py and main.py five times, as the board would, where the package cannot be imported.

Argument: an empty folder, the flash.
"""

import json
import os
import sys

import machine

FIRMWARE = next(path for path in sys.path if path.endswith("firmware"))


class Clock:
    """Stands for `time`: nothing waits."""

    def sleep(self, _):
        pass

    sleep_ms = sleep


class Silent:
    """Stands for `sys`: an exception goes to a file, but not to the screen, where it would be this script's own."""

    def print_exception(self, error, file=None):
        if file:
            sys.print_exception(error, file)


def run(name, names):
    exec(compile(open(FIRMWARE + "/" + name).read(), name, "exec"), names)


os.chdir(sys.argv[1])
sys.path.insert(0, "")
sys.modules["time"] = Clock()
sys.modules["sys"] = Silent()
os.mkdir("pod")
open("pod/__init__.py", "w").close()
with open("board.py", "w") as file:
    file.write(open(FIRMWARE + "/boards/esp32_devkitc.py").read())

for cause in (1, 2, 2, 2, 2):
    machine.cause[0] = cause
    machine.Timer.made.clear()
    names = {"__name__": "__main__"}
    run("boot.py", names)
    stopped = None
    try:
        run("main.py", names)
    except machine.BoardStopped as error:
        stopped = str(error)
    line = {"safe_mode": names["safe_mode"], "stopped": stopped, "text": names["record"].text.decode(), "led": []}
    for timer in machine.Timer.made:
        for _ in range(3):
            timer.callback(timer)
            line["led"].append(machine.Pin.levels[names["board"].LED])
    print(json.dumps(line))
