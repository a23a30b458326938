"""Whose number is this: what a proven phone number says about the people on record."""
