"""How students without a school sign-in prove who they are: a password, and a new one by a text code."""
