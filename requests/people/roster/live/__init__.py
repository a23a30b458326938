"""The last step: the staged roster becomes the agency's record, in one transaction."""
