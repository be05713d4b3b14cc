"""How an assessment is asked for over HTTP or on the command line, and remembered in the ledger."""
