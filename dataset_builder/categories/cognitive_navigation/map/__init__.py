"""Maps: the shortest or constrained route between two places."""
