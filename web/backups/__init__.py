"""Copies of the embedded databases: made while the portal runs, and put back without what was erased."""
