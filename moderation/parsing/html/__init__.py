"""Saved HTML pages: comments in the tree, the article, and what is left as text."""
