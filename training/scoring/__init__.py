"""What the demo model is worth: each job on unseen dolls, through the nodes, and the card."""
