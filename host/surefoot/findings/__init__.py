"""Findings: what differs from the runner's own level running, by how much, how surely, in plain sentences."""
