"""What a source says of the corrections it has taken over."""
