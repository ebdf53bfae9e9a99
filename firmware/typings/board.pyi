# What a file of firmware/boards/ says; the flash tool puts one of them on the board under this name.

NAME: str
CHIP: str
FLASH_MB: int
SDA: int
SCL: int
I2C_HZ: int
SENSOR_ADDRESS: int
SENSOR_INT: int
BUTTON: int
LED: int
LED_ON: int
CUE: int | None
BATTERY: int | None
BATTERY_RATIO: int
CHARGING: int | None
WAKE: str
