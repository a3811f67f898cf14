"""What dev.py does. `environment` needs Python alone; the rest runs in the environment it makes."""
