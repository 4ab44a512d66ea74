"""The screens of the reviewer."""
