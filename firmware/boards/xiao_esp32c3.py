"""Seeed XIAO ESP32-C3: the smallest pod. Charges at about 370 mA, so the cell has 400 mAh or more."""

NAME = "xiao-esp32c3"
CHIP = "esp32c3"
FLASH_MB = 4

SDA = 6  # D4
SCL = 7  # D5
I2C_HZ = 400_000
SENSOR_ADDRESS = 0x68
SENSOR_INT = 4  # D2

BUTTON = 5  # D3, to ground; only GPIO 0 to 5 wake this chip
LED = 20  # D7; the board's own LED belongs to the charger
LED_ON = 1
CUE = 10  # D10, gate of the transistor of a motor or buzzer
BATTERY = 3  # D1, middle of two equal resistors from the cell to ground; D0 is a strapping pin
BATTERY_RATIO = 2
CHARGING = None

WAKE = "gpio"
