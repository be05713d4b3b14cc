"""What is known about a firm on a day: tables, dated policy, features; imports nothing else of ours."""
