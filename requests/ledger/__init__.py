"""What we remember, and how it is kept safe."""
