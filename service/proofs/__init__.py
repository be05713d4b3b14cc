"""What proves the ledger to others: signed checkpoints, packs, replay, backups that are verified."""
