"""What a video file would do to its audience: read, judged by `flash`, told. Knows nothing of a show."""
