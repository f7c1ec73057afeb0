//! What stands between sled and the promise: each of these notices or outlives something that would pass in silence.
//!
//! Not here: the repairs before an opening (`repair`), and what damage becomes (`quarantine`).

pub(crate) mod ballast;
pub(crate) mod mark;
pub(crate) mod threads;
pub(crate) mod watch;
