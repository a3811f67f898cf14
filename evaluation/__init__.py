"""The paper's metrics, by the libraries its tables were made with: `python dev.py evaluate`."""
