"""What runs on a machine that has never seen us: `verify.py` checks a pack, `witness.py` countersigns for the fund.

Both are single files. They import nothing of ours but each other, so that they can be read, copied and kept.
"""
