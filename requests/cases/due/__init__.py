"""Which cases time has made ripe: answers that may leave, erasures that may begin."""
