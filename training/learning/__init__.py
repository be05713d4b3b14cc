"""How a model is made and judged: plan, labels, sample, fit, evaluation, gate, registration."""
