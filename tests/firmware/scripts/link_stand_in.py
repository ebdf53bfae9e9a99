"""What the stand-in `bluetooth` does, one fact a line."""

import json

import air
import bluetooth

CHARACTERISTICS = (
    (0x2A01, bluetooth.FLAG_WRITE),
    (0x2A02, bluetooth.FLAG_READ),
    (0x2A03, bluetooth.FLAG_NOTIFY),
    (0x2A04, 0x0202),
    (0x2A05, 0x1008),
)


class Handler:
    """Keeps what it should not, and does what it is told."""

    def __init__(self):
        self.heard = []
        self.kept = []
        self.answers = {}

    def __call__(self, event, data):
        self.heard.append((event, [bytes(d) if isinstance(d, memoryview) else d for d in data]))
        self.kept = list(data)
        self.tuple = data
        answer = self.answers.get(event)
        return answer(*data) if callable(answer) else answer


def pod(**kwargs):
    bluetooth.power_cycle()
    ble = bluetooth.BLE()
    other = air.Air(ble, **kwargs)
    handler = Handler()
    ble.irq(handler)
    ble.active(True)
    services = ((bluetooth.UUID(0x1899), tuple((bluetooth.UUID(u), flags) for u, flags in CHARACTERISTICS)),)
    handles = ble.gatts_register_services(services)[0]
    ble.gap_advertise(100_000, adv_data=b"\x02\x01\x06", resp_data=b"")
    return ble, other, handler, handles


def error_of(function, *args):
    try:
        function(*args)
    except OSError as error:
        return error.errno
    return None


def say(**facts):
    print(json.dumps(facts))


ble, other, handler, handles = pod()
say(one_object=bluetooth.BLE() is ble, woke=[event for event, _ in handler.heard])

central = air.Central(other)
central.connect()
say(connect=[str(d) for d in handler.heard[-1][1]], stops_advertising=ble.advertising is None)
say(kept_view=bytes(handler.kept[2]).hex(), kept_tuple=len(handler.tuple))

central.write(0x2A01, b"x" * 30)
say(cut_to=len(ble.gatts_read(handles[0])), mtu=ble.config("mtu"), exchanged=central.exchange_mtu(517))
ble.gatts_set_buffer(handles[0], 100, True)
central.write(0x2A01, b"abc")
central.write(0x2A01, b"def")
say(appended=ble.gatts_read(handles[0]).decode(), read_again=ble.gatts_read(handles[0]).decode())
ble.gatts_set_buffer(handles[0], 100)
central.write(0x2A01, b"abc")
central.write(0x2A01, b"de")
say(replaced=ble.gatts_read(handles[0]).decode())

heard = len(handler.heard)
say(read_not_encrypted=central.read(0x2A04)[0], write_not_encrypted=central.write(0x2A05, b"x"))
say(events_of_those=[event for event, _ in handler.heard[heard:]])
heard = len(handler.heard)
central.subscribe(0x2A03)
say(events_of_subscribe=len(handler.heard) - heard)
central.subscriptions = []
ble.gatts_notify(central.conn, handles[2], b"y" * 40)
other.event()
say(notified_unsubscribed=len(central.values(0x2A03)[0]))
ble.gatts_write(handles[2], b"zz", True)
other.event()
say(updates_unsubscribed=len(central.values(0x2A03)) - 1)
central.subscribe(0x2A03)
ble.gatts_write(handles[2], b"zz", True)
other.event()
say(updates_subscribed=len(central.values(0x2A03)) - 1, asked_for=handler.heard[-1][1][0])
handler.answers[4] = 8
say(denied=central.read(0x2A02)[0])
handler.answers[4] = None

taken = 0
while error_of(ble.gatts_notify, central.conn, handles[2], b"n") is None:
    taken += 1
say(buffers=taken, full=error_of(ble.gatts_notify, central.conn, handles[2], b"n"))
other.event()
say(after_event=error_of(ble.gatts_notify, central.conn, handles[2], b"n"))
ble.gap_disconnect(central.conn)
say(ending=error_of(ble.gatts_notify, central.conn, handles[2], b"n"))
gone = central.conn
other.event()
say(dead=error_of(ble.gatts_notify, gone, handles[2], b"n"), disconnect_dead=error_of(ble.gap_disconnect, gone))
say(disconnected=handler.heard[-1][0], unknown_handle=error_of(ble.gatts_read, 999))
say(advertises_too_long=error_of(lambda: ble.gap_advertise(1, adv_data=bytes(32))))

# Interrupts come between any two calls.
ble, other, handler, handles = pod()
central = air.Central(other)
order = []
ble.before_call = lambda name: (order.append(name), central.connect() if name == "gatts_read" else None)
ble.gatts_read(handles[0])
say(interrupted=order[0], connected_in_between=handler.heard[-1][0])

# A handler that raises.
ble, other, handler, handles = pod()
handler.answers[1] = lambda *data: 1 // 0
central = air.Central(other)
central.connect()
heard = len(handler.heard)
handler.answers = {}
central.write(0x2A01, b"x")
say(raised=type(ble.handler_failed).__name__, heard_after=len(handler.heard) - heard)


# Keys: what happens to a pod that says no.
def keys(put):
    ble, other, handler, _ = pod()
    table = {}

    def get(kind, index, key):
        if key is None:
            found = [v for (k, _), v in sorted(table.items()) if k == kind]
            return found[index] if index < len(found) else None
        return table.get((kind, bytes(key)))

    def keep(kind, key, value):
        where = (kind, bytes(key))
        if value is None:
            return table.pop(where, None) is not None
        table[where] = bytes(value)
        return True

    handler.answers[29] = get
    handler.answers[30] = keep
    first = air.Central(other)
    first.connect()
    first.pair()
    first.disconnect()
    bonds = len(table) // 2
    handler.answers[30] = lambda kind, key, value: put(keep, kind, key, value)
    return ble, other, table, first, bonds


ble, other, table, first, bonds = keys(lambda keep, kind, key, value: keep(kind, key, value))
ble.gap_advertise(100_000)
first.connect()
say(bonds=bonds, restored=first.encrypt(), encrypted_read=first.read(0x2A04)[0], write=first.write(0x2A05, b"x"))

ble, other, table, first, bonds = keys(lambda keep, kind, key, value: value is not None and keep(kind, key, value))
ble.gap_advertise(100_000)
first.connect()
try:
    first.pair()
    say(refused_deletion="nothing")
except air.HostHangs as error:
    say(refused_deletion=str(error))

ble, other, table, first, bonds = keys(lambda keep, kind, key, value: value is None and keep(kind, key, value))
ble.gap_advertise(100_000)
stranger = air.Central(other, b"\x66\x66\x66\x66\x66\x66")
stranger.connect()
try:
    stranger.pair()
except air.HostHangs as error:
    say(refused_key=str(error), bonds_left=len(table) // 2)
