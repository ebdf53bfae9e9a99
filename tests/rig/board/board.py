"""The board of the tests: an ESP32-DevKitC, the reference. A real board has its own file in this place."""

from boards.esp32_devkitc import *  # noqa: F403
