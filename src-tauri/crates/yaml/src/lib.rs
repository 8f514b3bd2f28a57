//! YAML as Kubernetes tools read it: documents and values, spans, and edits that change nothing else.
//!
//! It knows bytes and values. It does not know trees, Helm or Kustomize. Start reading at [`decode_stream`].

mod decode;
mod emit;

pub use decode::{Document, YamlError, decode, decode_stream};
pub use emit::{emit, emit_stream};
