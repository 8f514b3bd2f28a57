//! Facts of the built-in Kubernetes kinds, and strategic merge.
