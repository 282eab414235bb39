"""A comment desk for German newsrooms: house rules, a trained model, reasons."""

__version__ = "0.1.0"
