"""The copy of a student's data that a family takes home: readable, complete, signed, sealed until it is opened."""
