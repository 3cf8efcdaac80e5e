"""Product vectors made of what a shop has: the images and the texts of its products."""
