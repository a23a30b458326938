"""The systems that hold the data, each behind the same port."""
