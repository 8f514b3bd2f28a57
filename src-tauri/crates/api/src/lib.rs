//! Every use case of Slipway, as one table of commands.
