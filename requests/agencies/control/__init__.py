"""The control store: in which region each agency lives."""
