"""The screens of families: find a school, show who you are, ask, and follow what was asked."""
