//! Plans of a sync, health of objects, and the run as a state machine.
