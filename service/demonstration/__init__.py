"""A demonstration bank: a year of made-up history, entered by the use cases under a clock that is given."""
