"""Lists of firms that are pushed to a bank, or by it: what stood on them, and what became of each firm."""
