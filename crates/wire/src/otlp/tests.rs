//! Properties of both decoders together.
