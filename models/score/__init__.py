"""What is learned: the bundle of a model, calibration and scale, reasons, the self-test."""
