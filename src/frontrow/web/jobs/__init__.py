"""Work that takes longer than an answer may: one child process a job, found again after a crash or a restart."""
