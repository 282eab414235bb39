"""House rules applied to comments: labelling functions, word lists, rules files."""
