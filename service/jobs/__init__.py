"""Lists of questions that are answered in the background: kept row by row, taken a few at a time by any process."""
