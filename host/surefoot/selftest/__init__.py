"""Does a pod work? What is measured at it, held against limits that have a source (docs/selftest.md)."""
