"""Entries a second, hashed, sealed and committed, against bare inserts of the same bytes; and that none is lost."""
