"""What is staged beside what is on record."""
