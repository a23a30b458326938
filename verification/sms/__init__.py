"""How a text reaches a phone, and what we remember of it."""
