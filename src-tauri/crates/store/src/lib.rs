//! What is kept on disk: settings, runs, the render cache, credentials.
