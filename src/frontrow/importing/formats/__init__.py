"""One file per export format; each ends in `FORMAT = ...`, a subclass of `importing.format.Format`. Nothing else."""
