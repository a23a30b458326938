"""The blind index of people, renewed under a new key."""
