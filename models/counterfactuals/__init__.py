"""What would change an answer: the smallest sets of changes that cross a line."""
