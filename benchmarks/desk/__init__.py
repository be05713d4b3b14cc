"""How long pages of the desk take, beside the interface's own answer."""
