"""A district that does not exist, with everything that can happen to it."""
