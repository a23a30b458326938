"""The audit ledger as people read it: filtered, newest first."""
