"""The agency's desk: where requests are read and decided."""
