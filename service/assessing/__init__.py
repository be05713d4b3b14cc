"""How an applicant is assessed: read the request, gather rows, build features, assess, record. See `story.py`."""
