"""Training: corpora, frames, fitting, evaluation, the model card. Scoring never imports this."""
