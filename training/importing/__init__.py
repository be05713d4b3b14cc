"""Brings somebody's own data into a lake, and checks a lake."""
