"""What patents give as security: value, pledge, limit, term, recovery."""
