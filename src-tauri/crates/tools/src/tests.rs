//! The engines with the real tools and with programs that misbehave.
