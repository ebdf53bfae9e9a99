"""WEMOS LOLIN32 Lite: charges at about 500 mA, draws over 4 mA in deep sleep; needs a cell of 500 mAh and a switch."""

NAME = "lolin32-lite"
CHIP = "esp32"
FLASH_MB = 4

SDA = 23
SCL = 19  # not 22, where this board has its LED
I2C_HZ = 400_000
SENSOR_ADDRESS = 0x68
SENSOR_INT = 27

BUTTON = 33  # to ground
LED = 22  # on the board
LED_ON = 0
CUE = 25  # gate of the transistor of a motor or buzzer
BATTERY = 34  # middle of two equal resistors from the cell to ground; the board has none
BATTERY_RATIO = 2
CHARGING = None

WAKE = "ext"
