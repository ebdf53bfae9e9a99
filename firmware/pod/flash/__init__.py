"""Runs kept in flash (docs/run-file.md)."""
