"""How long lists of loan files take."""
