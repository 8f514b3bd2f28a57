//! The user interface in a browser: the page and the façade over HTTP on loopback.
//!
//! The bridge trusts nobody but the browser that opened the printed address. Its rules:
//!
//! - it listens on loopback only;
//! - the one-time token of the printed address is exchanged for an `HttpOnly`, `SameSite=Strict` cookie, so
//!   that reload and further tabs work and the token is worthless afterwards;
//! - `Host` must be the address it listens on (DNS rebinding), and `Origin`, where a browser sends one, too;
//!   what changes anything, and the event socket, need an `Origin`;
//! - bodies are JSON with that content type, which a form of another site cannot send, and none is read of a
//!   request that is refused;
//! - every answer, refusals too, forbids frames, guessing, keeping and use by another site.
//!
//! Start reading at [`Server`].

mod access;
mod guard;
mod page;
mod routes;
mod server;
#[cfg(test)]
mod tests;

pub use server::{ServeError, ServeOptions, Server};
