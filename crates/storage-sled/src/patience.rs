//! How long a question may take, and whether anybody still waits for its answer. Not here: what is answered then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Asked between two pieces of work, none of which takes long.
pub(crate) struct Patience {
    wait_max: Duration,
    /// `None` beyond what the clock can say.
    until: Option<Instant>,
    is_gone: Arc<AtomicBool>,
}

impl Patience {
    /// From now on.
    pub(crate) fn new(wait_max: Duration, is_gone: Arc<AtomicBool>) -> Patience {
        Patience { wait_max, until: Instant::now().checked_add(wait_max), is_gone }
    }

    /// Whether it is over.
    pub(crate) fn is_over(&self) -> bool {
        self.is_gone.load(Ordering::Relaxed) || self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// For the person who gets a part of the answer.
    pub(crate) fn reason(&self) -> String {
        format!("not everything was read: a question may take {:?}", self.wait_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply;

    #[test]
    fn it_ends_with_its_time_or_when_nobody_waits() {
        let (sender, reply) = reply::channel::<()>();
        let patience = |wait_max| Patience::new(wait_max, sender.is_gone());
        assert!(patience(Duration::ZERO).is_over());
        assert!(!patience(Duration::MAX).is_over(), "no clock goes so far");
        drop(reply);
        assert!(patience(Duration::MAX).is_over());
    }
}
