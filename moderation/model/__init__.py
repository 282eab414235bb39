"""The learned part: hashed features, a linear classifier, its explanation, its folder on disk."""
