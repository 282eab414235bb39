"""What people decided about comments: kept for good, given back for training, forgotten on demand.

Importing this package needs nothing; its store needs ``pip install 'moderation[service]'``.
"""
