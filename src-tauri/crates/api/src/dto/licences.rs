//! The licences of everything that is built in.

use super::{wire, wire_struct};

wire_struct! {
    /// Everything that is built in, with its licence.
    pub struct LicenceList {
        /// Sorted by name; crates and packages of the page together.
        pub components: Vec<LicensedComponent>,
    }

    /// Something that is built in.
    pub struct LicensedComponent {
        /// Its name.
        pub name: String,
        /// Its version.
        pub version: String,
        /// What it is.
        pub kind: ComponentKind,
        /// Its licence as an SPDX expression, as it says itself; absent where it says none.
        pub licence: Option<String>,
        /// Where it comes from.
        pub home: Option<String>,
        /// How many texts it brings.
        pub texts: u32,
    }

    /// Asks for the licence texts of something that is built in.
    pub struct LicenceTextRequest {
        /// Its name.
        pub name: String,
        /// Its version.
        pub version: String,
        /// What it is.
        pub kind: ComponentKind,
    }

    /// Licence texts.
    pub struct LicenceText {
        /// Each with the name of its file, separated by lines.
        pub text: String,
    }
}

wire! {
    /// What something that is built in is.
    #[derive(Copy, Eq, PartialOrd, Ord)]
    pub enum ComponentKind {
        /// A Rust crate.
        Crate,
        /// A package of the page.
        Package,
    }
}
