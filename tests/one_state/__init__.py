"""The law of one state: features, rules and values say of a patent and a firm what a person reads in the rows."""
