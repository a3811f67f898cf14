"""The ablation on paper dolls: what each part of the method is worth, trained and scored alike."""
