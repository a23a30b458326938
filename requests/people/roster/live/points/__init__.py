"""Numbers and addresses as the roster changes them."""
