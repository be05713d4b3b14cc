"""An applicant typed on a page: which fields there are, what was typed in them, and the question that it makes."""
