"""How models/prism is made: pictures of the style shaders, an autoencoder, and a one-step student of both."""
