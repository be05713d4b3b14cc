"""What a running service holds, and who stands behind a request: what routes and pages are given."""
