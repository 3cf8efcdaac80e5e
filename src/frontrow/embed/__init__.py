"""Product vectors made of what a shop has: the images of its products."""
