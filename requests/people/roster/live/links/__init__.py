"""Guardianships as the roster changes them."""
