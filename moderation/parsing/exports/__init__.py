"""Readers of what comment systems export: each yields pages with their comments."""
