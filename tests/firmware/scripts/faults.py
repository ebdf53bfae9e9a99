"""What can happen to a sensor on its bus, each as a function of a Rig."""

import machine


def _wait_for_a_packet(rig):
    for _ in range(200):
        if rig.sensor.waiting() >= 19:
            return
        rig.clock.advance(500)


def overflow_in_a_stall(rig):
    rig.clock.advance(rig.model.fifo_bytes() // 12 * 1_000_000 // rig.sensor.rate_hz + 60_000)


def overflow_before_the_burst(rig):
    rig.model.before_burst_us = rig.model.fifo_bytes() // 12 * 1_000_000 // rig.sensor.rate_hz


def stall_of_20_s(rig):
    rig.clock.advance(20_000_000)


def refused_once(rig):
    machine.bus.nak = 1


def refused_for_long(rig):
    machine.bus.nak = 12


def burst_breaks_off(rig):
    _wait_for_a_packet(rig)
    machine.bus.fail_in, machine.bus.fail_after, machine.bus.hold_clocks = 2, 100, 0


def status_breaks_off(rig):
    _wait_for_a_packet(rig)
    machine.bus.fail_in, machine.bus.fail_after, machine.bus.hold_clocks = 3, 0, 0


def line_held(rig):
    machine.bus.held = 7


def line_held_in_the_burst(rig):
    _wait_for_a_packet(rig)
    machine.bus.fail_in, machine.bus.fail_after, machine.bus.hold_clocks = 2, 101, 9


def line_held_after_the_count(rig):
    machine.bus.fail_in, machine.bus.fail_after, machine.bus.hold_clocks = 1, 2, 9


def byte_lost(rig):
    rig.model.lose_bytes(1)


def reset_by_itself(rig):
    rig.model.reset_itself()


def reset_before_the_burst(rig):
    rig.model.reset_before_burst = True


def hung(rig):
    rig.model.hung = True
