"""Bluetooth LE: who may come in, and what goes out."""
