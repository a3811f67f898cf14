"""Paper dolls, drawn from a seed: people, and garments worn and laid flat."""
