"""What can be asked over HTTP: one module per subject, each with a router. A request holds what routes share."""
