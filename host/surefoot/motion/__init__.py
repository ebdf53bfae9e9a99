"""From samples of a sensor to the movement of the shin."""
