//! One answer from a thread to a future, whatever runtime polls it. Not here: queues.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Gives the answer. Dropped without one, the future learns that.
pub(crate) struct Sender<T>(Arc<Mutex<State<T>>>);

/// Waits for the answer; `None` when the sender went without one.
pub(crate) struct Reply<T>(Arc<Mutex<State<T>>>);

struct State<T> {
    value: Option<T>,
    waker: Option<Waker>,
    is_over: bool,
    /// Nobody waits any more.
    is_gone: Arc<AtomicBool>,
}

/// Both ends.
pub(crate) fn channel<T>() -> (Sender<T>, Reply<T>) {
    let state = Arc::new(Mutex::new(State { value: None, waker: None, is_over: false, is_gone: Arc::default() }));
    (Sender(Arc::clone(&state)), Reply(state))
}

impl<T> Sender<T> {
    /// Becomes true when nobody waits any more.
    pub(crate) fn is_gone(&self) -> Arc<AtomicBool> {
        Arc::clone(&locked(&self.0).is_gone)
    }

    /// Gives the answer; nobody may be waiting any more.
    pub(crate) fn send(self, value: T) {
        locked(&self.0).value = Some(value);
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let waker = {
            let mut state = locked(&self.0);
            state.is_over = true;
            state.waker.take()
        };
        // Outside the lock: a waker may poll at once.
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        locked(&self.0).is_gone.store(true, Ordering::Relaxed);
    }
}

impl<T> Future for Reply<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = locked(&self.0);
        if state.is_over {
            return Poll::Ready(state.value.take());
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

fn locked<T>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
