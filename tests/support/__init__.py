"""What tests share: drivers, builders, and ways to reach the shared data."""
