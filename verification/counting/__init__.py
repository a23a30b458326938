"""How wrong answers are counted, exactly, also under many hands at once."""
