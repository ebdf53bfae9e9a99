"""Everything of the hardware that is made, made from design.yaml and checked."""
