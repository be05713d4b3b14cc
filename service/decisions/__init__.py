"""What people do about an assessment: decide, draw down, close, erase."""
