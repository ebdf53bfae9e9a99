"""How well the numbers are measured: strides tables against references, ours beside published methods."""
