"""One caller floods the service in one way after another while another asks at a steady rate."""
