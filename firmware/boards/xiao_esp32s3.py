"""Seeed XIAO ESP32-S3: two cores and 8 MB of flash in the size of the C3. Charges at about 100 mA."""

NAME = "xiao-esp32s3"
CHIP = "esp32s3"
FLASH_MB = 8

SDA = 5  # D4
SCL = 6  # D5
I2C_HZ = 400_000
SENSOR_ADDRESS = 0x68
SENSOR_INT = 2  # D1

BUTTON = 4  # D3, to ground
LED = 7  # D8; the board's own LED is not seen in a closed case
LED_ON = 1
CUE = 9  # D10, gate of the transistor of a motor or buzzer
BATTERY = 1  # D0, middle of two equal resistors from the cell to ground
BATTERY_RATIO = 2
CHARGING = None

WAKE = "ext"
