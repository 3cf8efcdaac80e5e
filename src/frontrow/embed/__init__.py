"""Product vectors made of what a shop has: the texts and the images of its products."""
