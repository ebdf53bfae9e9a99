"""Landings, found while they happen (docs/live-detection.md)."""
