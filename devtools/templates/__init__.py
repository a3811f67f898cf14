"""What `workflows/` and `subgraphs/` are made from: `python dev.py templates` writes them.

A job is described once (`jobs/`), from parts that jobs share (`parts.py`), and drawn in two forms:
FLUX.1-dev's and the demo model's (`forms.py`). `layout.py` says where things lie, `saved.py` how
the front end saves them.
"""
