"""Who may reach what: roles as data, a rule for every route, accounts, sessions and keys."""
