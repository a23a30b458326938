"""People as the roster changes them."""
