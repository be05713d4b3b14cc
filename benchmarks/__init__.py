"""How fast the product is, each benchmark one command that prints its table; not part of the distribution."""
