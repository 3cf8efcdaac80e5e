"""What requests and answers of the HTTP interface hold, beside those of jobs."""
