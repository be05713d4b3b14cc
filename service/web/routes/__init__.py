"""What can be asked over HTTP: one module per subject, each a router made from what all share."""
