"""How fast a pod rings on skin and soft side: a mass on two springs, one behind the other."""

from __future__ import annotations

from math import pi, sqrt

from hardware.generate.design import Design

LEAST_SHARE = 0.9  # of the frequency that the skin alone would give; a softer pad would be what one measures


def pad_n_per_m(shear_kpa: float, area_mm2: float, thickness_mm: float) -> float:
    """Return the stiffness of a pad against a pull along the shin: ``k = G A / t``; pressed it is stiffer."""
    return shear_kpa * area_mm2 / thickness_mm  # kPa mm2 / mm = 1e3 * 1e-6 / 1e-3 N/m


def rings_hz(mass_g: float, *springs_n_per_m: float) -> float:
    """Return at what frequency a mass rings on springs one behind the other: ``sqrt(k / m) / 2 pi``."""
    together = 1 / sum(1 / spring for spring in springs_n_per_m)
    return sqrt(together / (mass_g / 1000)) / (2 * pi)


def pad_area_mm2(design: Design) -> float:
    """Return the area under a pod's case, without its ears."""
    length_mm, width_mm, _ = design.case.pod.inner_mm
    walls_mm = 2 * design.case.form.wall_mm
    return (length_mm + walls_mm) * (width_mm + walls_mm)


def on_pad_hz(design: Design, material: str, mass_g: float) -> float:
    """Return at what frequency a pod of that mass rings on skin and a pad of a material of `design.case`."""
    shear_kpa = design.case.pad_materials[material].shear_kpa
    spring = pad_n_per_m(shear_kpa, pad_area_mm2(design), design.case.form.pad_mm)
    return rings_hz(mass_g, design.case.skin_n_per_m, spring)


def faults(design: Design) -> list[str]:
    """Return whether the chosen pad is so soft that the pod rings much slower than on skin alone."""
    case, mass_g = design.case, design.limits.pod_mass_g
    if case.pad not in case.pad_materials:
        return [f"the pad's material {case.pad} is not described"]
    share = on_pad_hz(design, case.pad, mass_g) / rings_hz(mass_g, case.skin_n_per_m)
    return (
        [f"on a pad of {case.pad} the pod rings at {share:.0%} of what skin alone gives"] if share < LEAST_SHARE else []
    )
