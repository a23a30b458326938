"""The commands of rightsdesk, one module a group."""
