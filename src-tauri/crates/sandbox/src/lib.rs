//! A small Kubernetes API on loopback with simulated controllers.
