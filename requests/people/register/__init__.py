"""What the office reads of the people on record."""
