"""Relais protocol 1 from Python."""
