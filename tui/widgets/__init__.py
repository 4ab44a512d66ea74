"""The widgets of the reviewer. They hold no truth: each shows what it is given and is told to look again."""
