"""What the makers' data sheets say of the sensors: what the limits of the self-test are made of.

MPU-6050: PS-MPU-6000A-00 revision 3.4, sections 6.1 and 6.2, at 25 C. Many of its figures are typical ones: its note 1
says so of the zero-g output, before the part is soldered, and noise has no other column. The 6500 family is held
against the one sheet of it that was read: MPU-9250, PS-MPU-9250A-01 revision 1.0, sections 3.1 and 3.2. That it is
fair to an MPU-6500, an ICM-20689 or a copy is to be checked.
"""

from __future__ import annotations

from dataclasses import dataclass

ROOM_C = 25.0
"""Where the sheets' figures hold."""


@dataclass(frozen=True)
class Datasheet:
    """Figures of one family of sensors. "Either way" is from 0 or from the nominal value.

    Attributes
    ----------
    name : str
        Of the part that the figures belong to.
    accel_noise_g, gyro_noise_dps : float
        Typical density, per root hertz.
    accel_noise_most_g : float
        Density that still passes.
    gyro_noise_most_dps : float
        As above.
    gyro_bias_dps, gyro_bias_over_temperature_dps : float
        Zero-rate output at 25 C, either way, and how much more it may be from -40 to 85 C.
    offset_g, offset_g_per_c : tuple of float
        Zero-g output of x, y, z at 25 C, either way, and how far a degree moves it.
    scale_share, scale_share_per_c : float
        Sensitivity, either way, and how far a degree moves it.
    cross_axis_share : float
        How much of one axis another one feels, either way.
    clock_share : float
        Of the sample rate, either way. The clock is the gyroscope's: 1 % over temperature (7.15), and 1 % more for how
        it leaves the factory, which is to be checked.
    self_test : str
        How far each axis' own test may be from the factory's, in words; the pod itself judges it.
    """

    name: str
    accel_noise_g: float
    gyro_noise_dps: float
    accel_noise_most_g: float
    gyro_noise_most_dps: float
    gyro_bias_dps: float
    gyro_bias_over_temperature_dps: float
    offset_g: tuple[float, float, float]
    offset_g_per_c: tuple[float, float, float]
    scale_share: float
    scale_share_per_c: float
    cross_axis_share: float
    clock_share: float
    self_test: str


FACTOR = 2.0
"""Of a typical density: a filter of first order passes 1.25 times what its bandwidth says, in amplitude, and a module's
regulator adds some."""
FILTER = 1.25
"""Of a noise that was measured behind a filter of another bandwidth."""
MPU_6050 = Datasheet(
    "MPU-6050",
    accel_noise_g=400e-6,
    gyro_noise_dps=0.005,
    accel_noise_most_g=FACTOR * 400e-6,
    gyro_noise_most_dps=FACTOR * 0.005,
    gyro_bias_dps=20.0,
    gyro_bias_over_temperature_dps=20.0,
    offset_g=(0.05, 0.05, 0.08),
    # 35 and 60 mg from 0 to 70 C, of which 45 C lie above 25
    offset_g_per_c=(0.035 / 45, 0.035 / 45, 0.06 / 45),
    scale_share=0.03,
    scale_share_per_c=0.0002,
    cross_axis_share=0.02,
    clock_share=0.02,
    self_test="within 14 %",
)
MPU_9250 = Datasheet(
    "MPU-9250",
    accel_noise_g=300e-6,
    gyro_noise_dps=0.01,
    # the sheet's 8 mg in 94 Hz is nearly three times what its own density makes
    accel_noise_most_g=FILTER * 8e-3 / 94**0.5,
    gyro_noise_most_dps=FACTOR * 0.01,
    gyro_bias_dps=5.0,
    gyro_bias_over_temperature_dps=30.0,
    offset_g=(0.06, 0.06, 0.08),
    offset_g_per_c=(0.0015, 0.0015, 0.0015),
    scale_share=0.03,
    scale_share_per_c=0.00026,
    cross_axis_share=0.02,
    clock_share=0.02,
    self_test="accel. within 50 %, gyro. more than half",
)
_LIKE_6050 = ("MPU-6050", "6050-like")


def datasheet(part: str) -> Datasheet:
    """Return the figures for a part by the name that the pod gives it."""
    return MPU_6050 if part in _LIKE_6050 else MPU_9250
