//! What moves from one environment to the next, and the edits that move it.
//!
//! It knows versions, states, the classes of settings, and how to find and prove edits. It does not render,
//! read a disk or know Git: renders, trees and histories come in as parameters, and a plan is a value that
//! others show, store and commit. Start reading at [`plan`](fn@plan) and [`PromotionPlan`].

pub mod class;
pub mod matrix;
pub mod pins;
pub mod plan;
pub mod revert;
pub mod selection;
pub mod state;
pub mod version;

pub use class::{ClassCounts, Classified, SettingClass};
pub use matrix::{Cell, Difference, Fleet, InstanceFacts, Judgement, Matrix, Row, difference, matrix};
pub use pins::{Drift, Pin, pin_of};
pub use plan::{
    InstancePair, Newcomer, Pairing, PromotionItem, PromotionPlan, Request, Written, apply,
    environment_words, pairs, plan, shown_edit,
};
pub use revert::{RevertRequest, revert};
pub use selection::{Selection, Selector, SelectorError};
pub use state::{Distance, State};
