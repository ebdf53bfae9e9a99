"""What goes over the air and into flash, byte by byte (docs/link.md, docs/run-file.md)."""
