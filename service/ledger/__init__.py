"""The ledger: every decision and every change that affects one, in one order, sealed so that no change stays unseen.

`canonical.py` says how a value is written to be hashed, `seal.py` how leaves become a root and a root a seal,
`tables.py` how entries are kept, `append.py` and `verify.py` how they are added and checked. Test vectors for another
implementation lie in `tests/contracts/ledger/`.
"""
