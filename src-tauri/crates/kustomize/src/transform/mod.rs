//! Changes of resources: patches, field specs, selectors and the built-in transformers, as pure functions.
