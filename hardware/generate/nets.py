"""Electrical rules of a build beyond the pins of its chip: who feeds what, and what must hang on which net."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hardware.generate.design import Build, Design, Pin

# What a part lets through: the fuse always, the switch (two poles side by side) while it is on.
FUSE = (("1", "2"),)
SWITCH = (("2", "1"), ("5", "4"))
LOGIC_SUPPLY = ("3V3", "3V")  # as boards print it
LOGIC_V = 3.3
LIGHT_MA = 10  # half of what a GPIO of any of the chips is asked to give without harm
DIVIDER_UA = 20  # flows while the pod is switched on, also asleep
ADC_SOURCE_OHM = 150e3  # with 100 nF at the pin; above it leakage of the pin falsifies the voltage


def faults(design: Design, build: Build) -> list[str]:
    """Return what is electrically wrong with a build, in words; nothing where all is well."""
    return [fault for rule in RULES for fault in rule(design, build)]


def divider_ratio(design: Design, build: Build) -> float | None:
    """Return by what the cell's voltage is divided for the ADC, None where there is no divider."""
    upper = _ohm_between(design, build, "VBAT", "VBAT_SENSE")
    lower = _ohm_between(design, build, "VBAT_SENSE", "GND")
    return None if upper is None or lower is None else (upper + lower) / lower


def _refs(design: Design, build: Build, role: str) -> list[str]:
    return [ref for ref in build.parts if design.part(build, ref).role == role]


def _nets_of(build: Build, ref: str) -> list[str]:
    return [net for net, pins in build.nets.items() for pin in pins if pin.ref == ref]


def _between(design: Design, build: Build, one: str, other: str) -> list[str]:
    """Return the references of the parts with two pins that lie between two nets."""
    two = [ref for ref in build.parts if len(design.part(build, ref).pins) == 2]
    return [ref for ref in two if sorted(_nets_of(build, ref)) == sorted((one, other))]


def _ohm_between(design: Design, build: Build, one: str, other: str) -> float | None:
    found = [design.part(build, ref).ohm for ref in _between(design, build, one, other)]
    return next((ohm for ohm in found if ohm is not None), None)


def _reached(design: Design, build: Build, start: set[str], *, on: bool) -> set[str]:
    """Return the nets that a current reaches from some, through fuses, jumpers and, where it is on, the switch."""
    through = [(ref, way) for ref in _refs(design, build, "protection") for way in FUSE]
    through += [(ref, way) for ref in _refs(design, build, "switch") for way in SWITCH if on]
    ends = [{build.net_of(Pin(ref, name)) for name in way} for ref, way in through]
    reached = set(start)
    for _ in range(len(ends) + 1):
        reached = {net for start_net in reached for net in build.joined(start_net)}
        for pair in ends:
            if pair & reached:
                reached |= {net for net in pair if net is not None}
    return reached


def _cell_nets(design: Design, build: Build, pole: str) -> set[str]:
    nets = {build.net_of(Pin(ref, pole)) for ref in _refs(design, build, "cell")}
    return {net for net in nets if net is not None}


def _outputs(design: Design, build: Build) -> Iterator[str]:
    for group in {build.joined(net) for net in build.nets}:
        pins = [pin for net in sorted(group) for pin in build.nets[net]]
        drivers = sorted(str(pin) for pin in pins if design.pin(build, pin).kind in ("output", "power_out"))
        if len(drivers) > 1:
            yield f"{' and '.join(drivers)} drive the same net {', '.join(sorted(group))}"


def _sources(design: Design, build: Build) -> Iterator[str]:
    giving = [net for net, pins in build.nets.items() if any(design.pin(build, p).kind == "power_out" for p in pins)]
    cell = _cell_nets(design, build, "+") | _cell_nets(design, build, "-")
    fed = _reached(design, build, {*giving, *cell}, on=True)
    for net, pins in build.nets.items():
        takers = [str(pin) for pin in pins if design.pin(build, pin).kind == "power_in"]
        if takers and net not in fed:
            yield f"{', '.join(takers)} on {net} gets no power"


def _levels(design: Design, build: Build) -> Iterator[str]:
    """Yield which GPIOs would get the cell's voltage, or could be driven against a supply or each other."""
    volts = _reached(design, build, _cell_nets(design, build, "+"), on=True)
    for group in {build.joined(net) for net in build.nets}:
        pins = [pin for net in sorted(group) for pin in build.nets[net]]
        gpios = [str(pin) for pin in pins if design.pin(build, pin).gpio is not None]
        supply = any(design.pin(build, pin).kind in ("power_in", "power_out") for pin in pins)
        if gpios and (group & volts or supply):
            yield f"{', '.join(gpios)} on {', '.join(sorted(group))} meet a supply"
        if len(gpios) > 1:
            yield f"{', '.join(gpios)} are joined"
        if givers := [str(pin) for pin in pins if group & volts and design.pin(build, pin).kind == "power_out"]:
            yield f"{', '.join(givers)} and the cell feed the same net"
    if "GND" in volts:
        yield "the cell is short-circuited"


def _strangers(design: Design, build: Build) -> Iterator[str]:
    for net, pins in build.nets.items():
        roles = design.nets[net].roles
        for pin in pins:
            if roles and design.part(build, pin.ref).role not in roles:
                yield f"{pin} has nothing to do on {net}"


def _inputs(design: Design, build: Build) -> Iterator[str]:
    for pin in build.open:
        # The board's unused GPIOs are set by its chip; a regulator module pulls its own enable pin.
        role = design.part(build, pin.ref).role
        if design.pin(build, pin).kind in ("input", "power_in") and role not in ("board", "regulator"):
            yield f"{pin} is left open"


def _i2c(design: Design, build: Build) -> Iterator[str]:
    for name in ("SDA", "SCL"):
        pins = {pin for pin in build.pins_of(name) if pin.ref in ("U1", "U2")}
        if Pin("U2", name) not in pins:
            yield f"{name} does not reach the sensor's {name}"
        if not any(pin.ref == "U1" for pin in pins):
            yield f"{name} does not reach the board"
    if build.net_of(Pin("U2", "AD0")) != "GND":
        yield "AD0 is not on GND, so the sensor's address is not 0x68"


def _ground(design: Design, build: Build) -> Iterator[str]:
    for ref, part in build.parts.items():
        for name in design.parts[part].pins:
            if name in ("GND", "BAT-") and build.net_of(Pin(ref, name)) != "GND":
                yield f"{ref}.{name} is not on GND"
    if _cell_nets(design, build, "-") != {"GND"}:
        yield "the cell's minus is not on GND"


def _supply(design: Design, build: Build) -> Iterator[str]:
    """Yield what is wrong on the way cell, (fuse), switch, board."""
    cell = _cell_nets(design, build, "+")
    regulators = _refs(design, build, "regulator")
    supply = build.net_of(Pin(regulators[0], "VIN")) if regulators else build.net_of(Pin("U1", "BAT+"))
    if supply is None or supply not in _reached(design, build, cell, on=True):
        yield "the cell does not reach the board with the switch on"
    elif supply in _reached(design, build, cell, on=False):
        yield "the switch does not part the cell from the board"
    if not {build.net_of(Pin("U1", name)) for name in LOGIC_SUPPLY} & {"3V3"}:
        yield "the board is not on 3V3"


def _contacts(design: Design, build: Build) -> Iterator[str]:
    """Yield what is wrong at switch, fuse and plug, through which all current goes."""
    cell = _cell_nets(design, build, "+")
    switches = _refs(design, build, "switch")
    if len(switches) != 1:
        yield "there is not exactly one switch"
    for ref in switches:
        ends = [{build.net_of(Pin(ref, way[end])) for way in SWITCH} for end in (0, 1)]
        if any(len(nets) > 1 for nets in ends):
            yield f"the poles of {ref} are not side by side"
        if build.way == "carrier" and cell & ends[0]:
            yield "the cell reaches the switch without a fuse"
    for ref in _refs(design, build, "plug"):
        if set(_nets_of(build, ref)) != cell | {"GND"}:
            yield f"{ref} does not join the cell's plus and GND"


def _charging(design: Design, build: Build) -> Iterator[str]:
    chargers = [ref for ref in build.parts if design.part(build, ref).charge_ma]
    if len(chargers) != 1:
        yield f"{len(chargers)} parts charge the cell"
        return
    charge_ma = float(design.part(build, chargers[0]).charge_ma or 0)
    for ref in build.parts:
        part = design.part(build, ref)
        if part.capacity_mah and charge_ma > (part.max_charge_ma or 0):
            yield f"{chargers[0]} charges with {charge_ma:g} mA, {part.id} takes {part.max_charge_ma or 0:g} mA"
        if part.role == "charger" and build.net_of(Pin(ref, "BAT")) not in _cell_nets(design, build, "+"):
            yield f"{ref} is not at the cell"
        if part.role == "switch" and chargers[0] == "U1" and charge_ma > (part.max_current_ma or 0):
            yield f"{charge_ma:g} mA of charging go through {ref}, which carries {part.max_current_ma or 0:g} mA"


def _divider(design: Design, build: Build) -> Iterator[str]:
    upper = _ohm_between(design, build, "VBAT", "VBAT_SENSE")
    ratio = divider_ratio(design, build)
    if upper and ratio:
        total = upper * ratio / (ratio - 1)
        if (current_ua := design.limits.full_cell_v / total * 1e6) > DIVIDER_UA:
            yield f"the divider draws {current_ua:.0f} uA, more than {DIVIDER_UA}"
        if (source := upper / ratio) > ADC_SOURCE_OHM:
            yield f"the ADC sees {source / 1e3:.0f} kOhm, more than {ADC_SOURCE_OHM / 1e3:.0f} kOhm"
    if ratio is None:
        yield "the divider of the cell's voltage is not complete"
    elif (volt := design.limits.full_cell_v / ratio) > design.limits.adc_full_cell_v:
        yield f"a full cell gives the ADC {volt:.2f} V, more than {design.limits.adc_full_cell_v:g} V"
    if "c100n" not in {build.parts[ref] for ref in _between(design, build, "VBAT_SENSE", "GND")}:
        yield "the ADC has no capacitor"


def _helpers(design: Design, build: Build) -> Iterator[str]:
    """Yield which of the parts is missing that keep a line where it belongs."""
    if not _between(design, build, "BUTTON", "GND"):
        yield "the button does not pull BUTTON to GND"
    if not 10e3 <= (_ohm_between(design, build, "BUTTON", "3V3") or 0) <= 1e6:
        yield "BUTTON has no pull-up of 10 kOhm to 1 MOhm"
    if "c47u" not in {build.parts[ref] for ref in _between(design, build, "3V3", "GND")}:
        yield "3V3 has no capacitor for the radio's peaks"
    for ref in (ref for ref in _refs(design, build, "LED") if build.parts[ref] == "led"):
        ohm = _ohm_between(design, build, "LED", str(build.net_of(Pin(ref, "A"))))
        if ohm is None or build.net_of(Pin(ref, "K")) != "GND":
            yield f"{ref} is not wired resistor, A, K, GND"
        elif (current_ma := LOGIC_V / ohm * 1e3) > LIGHT_MA:
            yield f"{ref} could draw {current_ma:.0f} mA, more than {LIGHT_MA}"


def _motor(design: Design, build: Build) -> Iterator[str]:
    for ref, part in build.parts.items():
        if part == "motor_module" and build.net_of(Pin(ref, "VCC")) != "VBAT":
            yield f"{ref} is not fed from VBAT"
        if part == "motor" and _ohm_between(design, build, "VBAT", str(build.net_of(Pin(ref, "+")))) is None:
            yield f"{ref} is not fed from VBAT through a resistor"
        if part == "mosfet":
            yield from _motor_switch(design, build, ref)


def _motor_switch(design: Design, build: Build, ref: str) -> Iterator[str]:
    gate, drain = (str(build.net_of(Pin(ref, name))) for name in "GD")
    if _ohm_between(design, build, gate, "GND") is None:
        yield f"{ref} has no pull-down: the motor runs while the chip starts"
    motors = [other for other, part in build.parts.items() if part == "motor" and drain in _nets_of(build, other)]
    astray = {net for other in motors for net in _nets_of(build, other)} & {"GND"} or drain in (gate, "VBAT")
    if not motors or astray or build.net_of(Pin(ref, "S")) != "GND":
        yield f"{ref} does not switch the motor to GND"
    plus = {build.net_of(Pin(other, "+")) for other in motors}
    guards = [other for other, part in build.parts.items() if part == "diode"]
    if not any(build.net_of(Pin(d, "A")) == drain and build.net_of(Pin(d, "K")) in plus for d in guards):
        yield f"no diode takes the spark of the motor at {ref}"


def _shorts(design: Design, build: Build) -> Iterator[str]:
    for ref, part in build.parts.items():
        names = list(design.parts[part].pins)
        nets = [build.net_of(Pin(ref, name)) for name in names]
        if len(names) == 2 and nets[0] is not None and nets[0] == nets[1]:
            yield f"both pins of {ref} are on {nets[0]}"


def _cable(design: Design, build: Build) -> Iterator[str]:
    length_mm = build.sensor_cable_mm
    if build.way == "lab" and length_mm is None:
        yield "the length of the sensor's cable is not given"
    if length_mm is not None and not 0 < length_mm <= design.limits.i2c_cable_mm:
        yield f"the sensor's cable of {length_mm:g} mm is longer than {design.limits.i2c_cable_mm:g} mm"


RULES: tuple[Callable[[Design, Build], Iterator[str]], ...] = (
    _outputs,
    _sources,
    _levels,
    _strangers,
    _inputs,
    _i2c,
    _ground,
    _supply,
    _contacts,
    _charging,
    _divider,
    _helpers,
    _motor,
    _shorts,
    _cable,
)
