//! What the machine must have, and how to get it. One file per thing; each says the exact command when it can't.

pub(crate) mod wasm_target;
