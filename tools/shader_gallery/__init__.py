"""The page of all shaders that ship: `page` writes it from their headers, `pictures` draws its thumbnails."""
