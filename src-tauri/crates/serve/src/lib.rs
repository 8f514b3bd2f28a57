//! The user interface in a browser, over loopback HTTP.
