//! What moves from one environment to the next, and the edits that move it.
