"""What keeps the pod alive and lets its runner talk to it: power, button, light, settings, faults."""
