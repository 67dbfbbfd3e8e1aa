"""The doors of the gateway, one module to each protocol: statements in, rows out, nothing decided."""
