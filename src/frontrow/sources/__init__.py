"""Export files of all kinds to one kind of table; `base` states what a source is, each other file is one format."""
