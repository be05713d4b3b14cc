"""How a model is made: data, labels, split, fit, judgement, registration."""
