"""How a case is put together from its rows."""
