//! How servers are spoken to.

pub(crate) mod url;
