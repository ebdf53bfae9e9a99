"""Starts the pod unless boot.py decided against it. A fault that gets this far is kept, and the pod restarts."""

if not globals().get("safe_mode", True):
    import sys
    import time

    import machine
    import safe

    record = globals()["record"]
    cause = globals()["cause"]
    record.starting(cause)
    try:
        from pod.start import main

        main(record, cause)
    except Exception as error:
        sys.print_exception(error)
        record.fault(safe.describe(error))
        record.keep(True)
        time.sleep(3)  # Ctrl-C ends it here, with the prompt
        machine.reset()
