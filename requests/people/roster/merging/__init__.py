"""Several records of one person: told apart from several people, and kept under one of them."""
