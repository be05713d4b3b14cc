"""What is concluded from features: two learned models, legislated rules and the assessment made of both."""
