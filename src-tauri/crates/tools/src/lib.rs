//! The installed helm, kustomize and kubectl, run on a private copy.
