"""What codes by text and by call cost, and where that ends."""
