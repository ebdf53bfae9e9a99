"""Stand-in for `esp32`: what wakes the board is remembered; partitions are what a test puts there."""

WAKEUP_ALL_LOW, WAKEUP_ANY_HIGH = False, True

wakes = []
flash = {}


def wake_on_ext0(pin, level):
    wakes.append(("ext0", (pin.id,), level))


def wake_on_ext1(pins, level):
    wakes.append(("ext1", tuple([pin.id for pin in pins]), level))


def wake_on_gpio(pins, level):
    wakes.append(("gpio", tuple([pin.id for pin in pins]), level))


class Partition:
    """`flash` maps a label to a block device (readblocks, writeblocks, ioctl), which `find` hands out."""

    TYPE_APP, TYPE_DATA = 0, 1
    BOOT, RUNNING = 0, 1

    @classmethod
    def find(cls, type=TYPE_APP, subtype=0xFF, label=None, block_size=4096):
        if label is None:
            return list(flash.values())
        return [flash[label]] if label in flash else []
