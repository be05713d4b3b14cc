"""Where rows about a firm come from when the caller gives only its code."""
