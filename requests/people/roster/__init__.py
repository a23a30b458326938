"""What the school roster says: read, staged, compared, applied."""
