//! `kustomize build` in process: from a directory with a kustomization file to Kubernetes objects.
//!
//! It behaves like `kustomize build` 5.8.2, reads only through a [`slipway_model::Tree`] and is pure: no disk, no
//! network, no process. What it deliberately does not know: how a Helm chart is rendered, which a caller brings as a
//! trait ([`ChartInflator`]), and how remote bases and files are fetched: they are read through the tree
//! ([`slipway_model::RemoteReference::path`]). A build that misses some goes on to find all that it misses, and fails.
//! Plugins that run programs or containers cannot be built here; the failure says so ([`Failure::is_opaque`]).
//!
//! Known differences: a key that is set twice and a key that is no text fail where the file is read, not where the object
//! is printed; how a scalar is written is known for annotations only, so that a label `1.10` that a patch with a target
//! copies becomes `1.1`; a name suffix hash of anything but a ConfigMap or a Secret is opaque, because kustomize hashes its
//! own memory there; kustomizations lie at most 64 deep inside one another.
//!
//! Start reading at [`build`], the one entry; then at [`resource`], the type that everything works on, and at
//! [`transform`], which changes it.
//!
//! ```
//! use slipway_kustomize::{Helpers, Options, build};
//! use slipway_model::{MemoryTree, RepoPath};
//! let tree = MemoryTree::new([
//!     ("kustomization.yaml", "namePrefix: dev-\nresources: [map.yaml]\n"),
//!     ("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"),
//! ]);
//! let output = build(&tree, &RepoPath::root(), &Options::default(), &Helpers::default()).unwrap();
//! assert_eq!(output.objects[0].object["metadata"]["name"], "dev-settings");
//! ```

mod build;
mod cache;
pub mod failure;
mod generate;
pub mod graph;
mod helm;
pub mod kustomization;
mod load;
mod options;
mod order;
mod reference;
pub mod resource;
mod source;
mod substitute;
pub mod trace;
pub mod transform;

pub use build::{KUSTOMIZE_VERSION, Object, Output, SUBSTITUTION, build};
pub use cache::BuildCache;
pub use failure::Failure;
pub use helm::{ChartDocument, ChartInflator, ChartRequest, Inflated, InflatedChart};
pub use kustomization::Kustomization;
pub use options::{Helpers, Options, OverlayPlace};
pub use resource::{Behavior, Gvk, ResId, Resource, ResourceMap};
pub use source::{RepositoryUrl, is_web_url};
pub use substitute::{Substitution, Unset};
