"""What was asked, of whom, and what was decided."""
