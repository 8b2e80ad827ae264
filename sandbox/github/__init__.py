"""What stands behind the stand-in for api.github.com: its limits, its cost, its graph and its REST answers."""
