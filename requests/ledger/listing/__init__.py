"""The two places where the list of erasures can lie: a file of one machine, or the keys' database on a server."""
