"""ESP32-DevKitC (ESP32-WROOM-32E): the reference board, for the bench; a GY-521 and all parts on wires."""

NAME = "esp32-devkitc"
CHIP = "esp32"
FLASH_MB = 4

SDA = 21
SCL = 22
I2C_HZ = 400_000
SENSOR_ADDRESS = 0x68
SENSOR_INT = 27

BUTTON = 33  # to ground; not BOOT, whose pin decides at power-on where the chip starts
LED = 26  # the board has none of its own
LED_ON = 1
CUE = 25  # gate of the transistor of a motor or buzzer
BATTERY = 34  # middle of two equal resistors from the cell to ground
BATTERY_RATIO = 2
CHARGING = None

WAKE = "ext"
