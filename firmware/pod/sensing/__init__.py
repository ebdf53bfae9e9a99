"""The sensor, and its samples in packets."""
