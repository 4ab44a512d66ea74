"""What tests share: builders of documents and files, drivers of the reviewer, and paths of the shared data."""
