"""How somebody comes to sign in at the desk: a link that works once, and what it opens."""
