"""The pod over Bluetooth LE: find it, record from it, fetch what it kept."""
