//! YAML as Kubernetes tools read it: documents and values, spans, and edits that change nothing else.
//!
//! It knows bytes and values. It does not know Helm, Kustomize or what an object means. It has a scanner and a
//! parser of its own, because the tools that it has to agree with all read by go-yaml v2, which is neither
//! YAML 1.1 nor 1.2.
//!
//! Start reading at [`decode_stream`] for values, at [`emit`] for text, at [`Parsed`] for where a value is written,
//! and at [`apply`] for edits. Known differences from Go: a number that is no JSON (`.inf`, `.nan`) is an error even
//! where a later duplicate key overwrites it, and so are aliases that stand for more than 64 MiB, and nesting deeper
//! than 1,000 levels.

pub mod conformance;
mod decode;
mod edit;
mod emit;
mod error;
mod load;
mod node;
mod parse;
mod plain;
mod resolve;
mod scan;
mod span;
mod stream;

pub use decode::{Document, decode, decode_stream, decode_strict, merge};
pub use edit::{EditError, Format, YamlEdit, apply, apply_as, apply_to_tree};
pub use emit::{emit, emit_as_go, emit_stream};
pub use error::{YamlError, excerpt};
pub use span::{Parsed, Place, Position, Span};
pub use stream::{split_manifests, text};
