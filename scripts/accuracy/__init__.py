"""How well models label with few labels or none, beside what others use."""
