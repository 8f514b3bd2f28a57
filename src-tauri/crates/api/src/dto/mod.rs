//! The shapes that cross the façade. They are camelCase on the wire, and the page's types are generated from
//! them. Conversions from the inner types live in `convert`.

mod branches;
mod desk;
mod diff;
mod fleet;
mod instance;
mod licences;
mod pin;
mod promotion;
mod remotes;
mod repository;
mod settings;
mod source;
mod sync;

pub use branches::*;
pub use desk::*;
pub use diff::*;
pub use fleet::*;
pub use instance::*;
pub use licences::*;
pub use pin::*;
pub use promotion::*;
pub use remotes::*;
pub use repository::*;
pub use settings::*;
pub use source::*;
pub use sync::*;

/// Declares shapes of the wire: serialised in camelCase, with a TypeScript declaration.
macro_rules! wire {
    ($($(#[$meta:meta])* pub $keyword:ident $name:ident $body:tt)*) => {
        $(
            #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
            #[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
            $(#[$meta])*
            pub $keyword $name $body
        )*
    };
}
pub(crate) use wire;

/// As [`wire`], for shapes without enum fields (serde refuses `rename_all_fields` on structs).
macro_rules! wire_struct {
    ($($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* })*) => {
        $(
            #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
            #[serde(rename_all = "camelCase")]
            $(#[$meta])*
            pub struct $name { $($body)* }
        )*
    };
}
pub(crate) use wire_struct;
