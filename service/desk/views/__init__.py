"""From what a use case answers to what a template shows: plain functions."""
