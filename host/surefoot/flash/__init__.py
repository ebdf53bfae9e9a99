"""Put the firmware on a board."""
