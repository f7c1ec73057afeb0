//! A fixed number of decoders at once, off the async workers. What waits for them is bounded by the room it holds.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::Refusal;

/// Runs work that computes rather than waits.
#[derive(Debug)]
pub(crate) struct DecodePool {
    threads: Arc<Semaphore>,
}

impl DecodePool {
    pub(crate) fn new(threads: usize) -> DecodePool {
        DecodePool { threads: Arc::new(Semaphore::new(threads)) }
    }

    /// The result of `work`; a panic in it is a fault of ours and takes nobody else along.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let thread = Arc::clone(&self.threads).acquire_owned().await.map_err(|_closed| Refusal::fault())?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(thread);
            result
        });
        done.await.map_err(|_panicked| Refusal::fault())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_and_leaves_the_thread_free() {
        let pool = DecodePool::new(1);
        let panicked: Result<(), Refusal> = pool.run(|| panic!("planted")).await;
        assert_eq!(panicked, Err(Refusal::fault()));
        assert_eq!(pool.run(|| 7).await, Ok(7));
    }
}
