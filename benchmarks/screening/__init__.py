"""How fast a lake is screened, and in how much memory."""
