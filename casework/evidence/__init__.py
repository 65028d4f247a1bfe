"""Evidence: files up to 2 GB, encrypted while they arrive, opened through the vault's permission and consent, decoded in a
process that holds no key, and sent out clean. docs/evidence.md tells the way of a file."""
