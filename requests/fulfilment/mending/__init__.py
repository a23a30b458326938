"""What the office still has to mend in the source of the roster."""
