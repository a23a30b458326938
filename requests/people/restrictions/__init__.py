"""What an agency holds against a guardian: how it is kept."""
