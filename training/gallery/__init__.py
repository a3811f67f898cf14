"""Every picture that help pages and README show, made by the nodes with the demo model."""
