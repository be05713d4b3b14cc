"""Tests of the demonstration bank."""
