"""The pages of accounts: one module per group of pages."""
