"""Sources and runs: what was imported when, and what came of it."""
