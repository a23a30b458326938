"""School accounts whose owner said: this is not me. They wait until somebody at the office has looked."""
