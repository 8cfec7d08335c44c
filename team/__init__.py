"""Conversations between colleagues about their patients."""
