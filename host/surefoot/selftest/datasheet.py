"""What the makers promise of the sensors: the limits that the self-test holds them against.

MPU-6050: PS-MPU-6000A-00 revision 3.4, sections 6.1, 6.2 and 7.15. The 6500 family: PS-MPU-6500A-01 revision 1.1, of
which the figures here are from memory and to be checked; the ICM-20689 and whatever copies there are should do no
worse.
"""

from __future__ import annotations

from dataclasses import dataclass

GYRO_BIAS_OVER_TEMPERATURE_DPS = 20.0
"""MPU-6050, 6.1: the zero-rate output moves by as much again between -40 and 85 C."""


@dataclass(frozen=True)
class Datasheet:
    """Limits of one family of sensors.

    Attributes
    ----------
    name : str
        Of the part that the figures belong to.
    accel_noise_g, gyro_noise_dps : float
        Density, per root hertz, at 10 Hz. Typical values: the makers give no highest one.
    gyro_bias_dps : float
        Zero-rate output at 25 C, either way.
    offset_g : tuple of float
        Zero-g output of x, y, z, either way, at 25 C.
    scale_share : float
        Sensitivity, either way.
    clock_share : float
        Of the sample rate, either way. The clock is the gyroscope's: 1 % at 25 C and 1 % more over temperature.
    self_test : str
        How far each axis' own test may be from the factory's, in words; the pod itself judges it.
    """

    name: str
    accel_noise_g: float
    gyro_noise_dps: float
    gyro_bias_dps: float
    offset_g: tuple[float, float, float]
    scale_share: float
    clock_share: float
    self_test: str


MPU_6050 = Datasheet(
    "MPU-6050",
    accel_noise_g=400e-6,
    gyro_noise_dps=0.005,
    gyro_bias_dps=20.0,
    offset_g=(0.05, 0.05, 0.08),
    scale_share=0.03,
    clock_share=0.02,
    self_test="within 14 %",
)
MPU_6500 = Datasheet(
    "MPU-6500",
    accel_noise_g=300e-6,
    gyro_noise_dps=0.01,
    gyro_bias_dps=5.0,
    offset_g=(0.06, 0.06, 0.06),
    scale_share=0.03,
    clock_share=0.02,
    self_test="50 %, gyro. over -50 %",
)
_LIKE_6050 = ("MPU-6050", "6050-like")


def datasheet(part: str) -> Datasheet:
    """Return the limits for a part by the name that the pod gives it."""
    return MPU_6050 if part in _LIKE_6050 else MPU_6500
