//! Pins: settings whose class the repository decides by hand.

use super::{SettingClassInfo, TextDiffResult, wire, wire_struct};

wire_struct! {
    /// A pin of `.slipway.yaml`. `*` stands for any application, environment or kind.
    pub struct PinInfo {
        /// The application.
        pub application: String,
        /// The environment that is changed.
        pub environment: String,
        /// The kind.
        pub kind: String,
        /// The field and everything below it.
        pub path: String,
        /// The class that it decides.
        pub class: SettingClassInfo,
        /// Why; may be empty.
        pub reason: String,
        /// The file that holds it.
        pub file: String,
        /// The line where it begins, from 1; absent where that cannot be told.
        pub line: Option<u32>,
    }

    /// Asks what setting or removing a pin would write. Nothing is written.
    pub struct PinRequest {
        /// Whose.
        pub repository: String,
        /// What to do.
        pub change: PinChange,
    }

    /// What setting or removing a pin writes.
    pub struct PinPreview {
        /// The commit that it is planned on.
        pub base: String,
        /// The file that is changed.
        pub file: String,
        /// Whether there is no such file yet.
        pub creates: bool,
        /// The file before and after.
        pub diff: TextDiffResult,
        /// A message to propose for the commit.
        pub message: String,
    }

    /// Commits a pin to the branch that is checked out. It is planned again; where the base moved it fails with the
    /// code `base-moved` and nothing is written.
    pub struct PinCommit {
        /// What to do.
        pub request: PinRequest,
        /// The commit the user saw it planned on.
        pub base: String,
        /// The commit message.
        pub message: String,
    }

    /// What is pinned. It is named as it is written in the file.
    pub struct PinTarget {
        /// The application; `*` for all.
        pub application: String,
        /// The environment; `*` for all.
        pub environment: String,
        /// The kind; `*` for all.
        pub kind: String,
        /// The field; empty for a whole resource.
        pub path: String,
    }
}

wire! {
    /// What happens to a pin.
    #[serde(tag = "kind")]
    pub enum PinChange {
        /// It is set; one of the same target is replaced.
        Set {
            /// What is pinned.
            target: PinTarget,
            /// The class that it shall have.
            class: SettingClassInfo,
            /// Why.
            reason: String,
        },
        /// It is removed.
        Remove {
            /// What is pinned.
            target: PinTarget,
        },
    }
}
