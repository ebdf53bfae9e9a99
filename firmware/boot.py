"""Runs first on every start: decides whether main.py starts the pod, and keeps the way in for new firmware open.

main.py sees the names made here. In safe mode it does nothing: no radio, no watchdog that nobody feeds, the LED slowly
on and off, and the prompt on USB. Nothing here needs the package `pod`, which may be broken.
"""

safe_mode = True  # stays so if anything below fails

try:
    import time

    import machine
    import safe

    def held(pin):
        """Whether the button stays down for a second."""
        for _ in range(20):
            if pin():
                return False
            time.sleep_ms(50)
        return True

    def attend(watchdog, light):
        """Once a second, whatever the prompt does: feed the watchdog, turn the LED over."""

        def tick(_timer):
            if watchdog:
                watchdog.feed()
            if light:
                light(1 - light())

        machine.Timer(0).init(mode=machine.Timer.PERIODIC, period=1000, callback=tick)

    record = safe.Record(machine.RTC().memory, "record.bin")
    cause = record.cause(machine.reset_cause())
    # A soft reset leaves the watchdog running, and to send a file may take longer than its patience.
    soft_reset = cause == machine.SOFT_RESET
    watchdog = machine.WDT(timeout=safe.WATCHDOG_MS) if soft_reset and record.armed else None
    light = None
    try:
        import board

        light = machine.Pin(board.LED, machine.Pin.OUT, value=1 - board.LED_ON)
        button_down = held(machine.Pin(board.BUTTON, machine.Pin.IN, machine.Pin.PULL_UP))
        verdict = record.verdict(cause, button_down)
    except Exception as error:
        print(error)
        verdict = safe.NO_BOARD
    safe_mode = verdict != safe.GO
    if safe_mode:
        record.ask(safe.NORMAL)
        print("Safe mode:", safe.WHY[verdict], "The pod has not started; a reset starts it.")
        if record.text:
            print("Last fault:", record.text.decode())
    if safe_mode or watchdog:
        attend(watchdog, light if safe_mode else None)
except Exception as error:
    print("Safe mode: boot.py failed.", error)
