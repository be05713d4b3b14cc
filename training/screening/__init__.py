"""Screens a whole lake against whitelists."""
