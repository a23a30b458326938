"""What was done: collected, corrected, erased, and proved."""
