"""Numbers, addresses and guardianships as the roster changes them."""
