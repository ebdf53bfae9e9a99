"""Samples packed without loss (docs/link.md, "Packed samples"). Nothing is allocated."""

from array import array

from micropython import const

from pod.wire.packet import HEADER, MAX_SAMPLES, PACKED, SAMPLE, SAMPLES

_CHANNELS = const(6)
_ESCAPE = const(16)
_AT_ONCE = const(21)
"""So many bits fit beside 7 waiting ones into an integer that costs no memory."""
_LONGEST_CODE_BYTES = const(4)

_first = array("H", bytearray(2 * MAX_SAMPLES))
_second = array("H", bytearray(2 * MAX_SAMPLES))


def pack(packet, into):
    """Write the packed form of a packet of samples into `into`; return its length.

    0 for another packet, and where packing does not save at least 4 bytes; `into` is as long as the longest packet.
    """
    count = packet[2]
    if packet[0] != SAMPLES or not 0 < count <= MAX_SAMPLES:
        return 0
    limit = HEADER + count * SAMPLE - _LONGEST_CODE_BYTES
    into[0] = PACKED
    for at in range(1, HEADER):
        into[at] = packet[at]
    end = HEADER
    waiting = bits = 0
    for at in range(HEADER, HEADER + SAMPLE, 2):
        chosen = _differences(packet, at, count)
        numbers = _second if chosen & 1 else _first
        k = _parameter(chosen >> 1, count - 1)
        low = (1 << k) - 1
        zeros = 0
        code = packet[at] << 13 | packet[at + 1] << 5 | (chosen & 1) << 4 | k
        width = _AT_ONCE
        for number in range(count):
            if end > limit:
                return 0
            if zeros + width > _AT_ONCE:
                bits += zeros
                waiting <<= zeros
                zeros = 0
                while bits >= 8:
                    bits -= 8
                    into[end] = waiting >> bits & 0xFF
                    end += 1
                waiting &= 0x7F
            bits += zeros + width
            waiting = waiting << zeros + width | code
            while bits >= 8:
                bits -= 8
                into[end] = waiting >> bits & 0xFF
                end += 1
            waiting &= 0x7F
            # the next code; after the last number, one of the number before, not written
            code = numbers[number]
            zeros = code >> k
            if zeros < _ESCAPE:
                code = low + 1 | code & low
                width = k + 1
            else:
                zeros = width = _ESCAPE
    if bits:
        into[end] = waiting << 8 - bits & 0xFF
        end += 1
    return end if end <= limit else 0


def _differences(packet, at, count):
    """Map the differences of the channel whose first value is at `at`: first ones to _first, second ones to _second.

    Returns the sum of the smaller ones times two, plus one if those are the second ones.
    """
    first = _first
    second = _second
    first_sum = second_sum = 0
    before = packet[at] << 8 | packet[at + 1]
    step_before = 0
    for number in range(count - 1):
        at += SAMPLE
        value = packet[at] << 8 | packet[at + 1]
        step = ((value - before + 0x8000) & 0xFFFF) - 0x8000
        mapped = step << 1 ^ step >> 15
        first[number] = mapped
        first_sum += mapped
        bend = ((step - step_before + 0x8000) & 0xFFFF) - 0x8000
        mapped = bend << 1 ^ bend >> 15
        second[number] = mapped
        second_sum += mapped
        before = value
        step_before = step
    return second_sum << 1 | 1 if second_sum < first_sum else first_sum << 1


def _parameter(total, numbers):
    """Rice parameter for so many numbers of this sum: within 1 % of the best one's length."""
    # The best one is about the logarithm of the mean times ln 2.
    enough = total * 11 >> 4
    k = 0
    while k < 15 and numbers << k < enough:
        k += 1
    return k
