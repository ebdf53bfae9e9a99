"""Cut the power at every so many bytes of a story told to the store: FIRST, then every STEP."""

import json
import sys

from nor_flash import NorFlash, PowerCut
from pod.flash.store import RunStore
from pod.wire import packet

BLOCKS = 8
SIZE = 320
PACKETS = 14


def made(run, sequence):
    """A packet of one sample; bytes enough to tell it from all others."""
    buf = bytearray(packet.HEADER + packet.SAMPLE)
    form = packet.SAMPLES if 0 < sequence < PACKETS - 1 else packet.END
    packet.write_header(buf, form, 0, 1 if form == packet.SAMPLES else packet.SAMPLE, 0, sequence, run, sequence, 7)
    for at in range(packet.HEADER, len(buf)):
        buf[at] = (run * 89 + sequence * 31 + at * 7) & 0xFF
    return buf


def tell(store, taken, lost):
    """Three runs; the second one is erased, of the others a part is acknowledged and its blocks reclaimed."""
    while store.prepare():
        pass
    for _ in range(3):
        run = store.next_run()
        store.open(run)
        for sequence in range(PACKETS):
            if store.append(made(run, sequence), len(made(run, sequence)), sequence):
                taken.append((run, sequence))
            if sequence == 9:
                lost.append((run, 7))
                store.release(run, 7)
                store.tidy()
        store.close()
        if run == 2:
            lost.append((run, PACKETS))
            store.erase(run)
        store.prepare()
        store.prepare()


def check(flash, taken, lost):
    store = RunStore(flash, flash.ticks_us)
    store.mount()
    into = bytearray(packet.MAX_PACKET)
    for run, sequence in taken:
        length = store.read(run, sequence, into)
        whole = length and into[:length] == made(run, sequence)
        if not whole and not any(run == r and sequence <= through for r, through in lost):
            raise AssertionError(f"run {run} lost packet {sequence}")
        if length and not whole:
            raise AssertionError(f"run {run} has another packet {sequence}")
    store.prepare()
    run = store.next_run()
    store.open(run)
    if store.append(made(run, 0), len(made(run, 0)), 0) and not store.read(run, 0, into):
        raise AssertionError("the store does not go on")


cuts = 0
cut_in = int(sys.argv[1])
while True:
    flash = NorFlash(BLOCKS, SIZE)
    flash.seed(cut_in)
    flash.cut_in = cut_in
    store = RunStore(flash, flash.ticks_us)
    store.mount()
    taken = []
    lost = []
    try:
        tell(store, taken, lost)
        break
    except PowerCut:
        pass
    flash.cut_in = -1
    check(flash, taken, lost)
    cuts += 1
    cut_in += int(sys.argv[2])
flash.cut_in = -1
check(flash, taken, lost)
print(json.dumps({"cuts": cuts, "kept": len(taken), "bytes": flash.programmed}))
