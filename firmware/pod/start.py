"""How the pod starts: Bluetooth first, all else afterwards.

The stack takes tens of kB in large pieces from the same memory that MicroPython's heap grows into. With the pod's
modules loaded before it there may not be enough left, and then the chip panics (micropython#14293). So nothing large
is imported at the top of this module.
"""


def radio():
    """Switch Bluetooth on and return the `Radio`; it already knows the bonds, which the stack asks for at once."""
    import bluetooth
    import machine

    from pod.life.files import SmallFile
    from pod.link import gatt
    from pod.link.pairing import Pairing
    from pod.link.radio import Radio

    return Radio(bluetooth.BLE(), Pairing(SmallFile("bonds")), gatt.name(machine.unique_id()))


def main(record, cause):
    """Start the pod and run it; what main.py calls."""
    link = radio()

    from pod import assembly

    assembly.run(assembly.assemble(record, cause, link))
