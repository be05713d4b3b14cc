"""Measures a synthetic world against published figures."""
