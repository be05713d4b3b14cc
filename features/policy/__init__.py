"""What a decree, an agreement or a credit committee may change: dated values in YAML files, read by `load`."""

from features.policy.parameters import NotYetInForce, Override, Parameter, Policy, PolicyError, load, shipped

__all__ = ["NotYetInForce", "Override", "Parameter", "Policy", "PolicyError", "load", "shipped"]
