"""How what the portal holds is looked after."""
