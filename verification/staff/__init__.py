"""How the people of an agency prove who they are: password, authenticator app, recovery codes."""
