"""A copy leaves: for somebody, for a purpose the people in it agreed to, with a reason, until a day. What may go is worked out
here and shown before anything is made; the copy itself is encrypted under a passphrase that is never kept.
"""
