"""The service inside the house: what Perspective answered, and more."""
