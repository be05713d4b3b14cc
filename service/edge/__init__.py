"""What lies below everything else of the service: settings, clock, errors, the database connection, metrics."""
