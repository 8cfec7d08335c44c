"""Reads and views: each takes a constant number of statements, however many rows it shows."""
