//! An opened repository over time.
