"""The credit report: one page for the head of a branch, and the report of the investigation in full."""
