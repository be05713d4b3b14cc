"""One module per step, frozen when it is released."""
