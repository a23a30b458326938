"""Where an agency keeps its students' passwords, and how a new one gets there."""
