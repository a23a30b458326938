"""Whose data it is, and who may speak for them."""
