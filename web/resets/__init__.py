"""A student's new password: how it reaches the agency's directory, and what follows from that."""
