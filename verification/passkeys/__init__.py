"""Passkeys: keys in somebody's own device, opened by its fingerprint, face or PIN, and bound to our address."""
