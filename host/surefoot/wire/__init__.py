"""Bytes of the link (docs/link.md) <-> packets, samples, records, requests and answers."""
