//! Drives a run on a Kubernetes API.
