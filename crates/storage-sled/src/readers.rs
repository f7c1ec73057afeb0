//! A few threads that answer questions: no async worker ever reads sled. Bounded, and full means *overloaded*.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use storage::{BoxFuture, StorageError};

use crate::patience::Patience;
use crate::queue::closed;
use crate::reply;
use crate::shared::Shared;

type Question = Box<dyn FnOnce(&Shared) + Send>;

/// Where questions wait.
pub(crate) struct Readers {
    /// `None` after closing.
    questions: Mutex<Option<SyncSender<Question>>>,
}

impl Readers {
    /// Starts the threads.
    pub(crate) fn start(shared: &Arc<Shared>) -> io::Result<(Readers, Vec<JoinHandle<()>>)> {
        let (sender, receiver) = sync_channel(shared.settings.read_queue_max);
        let receiver = Arc::new(Mutex::new(receiver));
        let start = |number: usize| {
            let (shared, receiver) = (Arc::clone(shared), Arc::clone(&receiver));
            thread::Builder::new().name(format!("store-read-{number}")).spawn(move || run(&shared, &receiver))
        };
        let threads = (0..shared.settings.reader_threads.max(1)).map(start).collect::<io::Result<_>>()?;
        Ok((Readers { questions: Mutex::new(Some(sender)) }, threads))
    }

    /// Asks a question on a reader thread. One whose asker has gone before it begins is not asked at all.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Shared, &Patience) -> T + Send + 'static,
    ) -> BoxFuture<'_, Result<T, StorageError>> {
        let (sender, answer) = reply::channel();
        let is_gone = sender.is_gone();
        let question: Question = Box::new(move |shared| {
            let wait_max = shared.settings.search_wait_max;
            if !is_gone.load(Ordering::Relaxed) {
                sender.send(question(shared, &Patience::new(wait_max, is_gone)));
            }
        });
        let asked = match &*self.questions.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Err(closed()),
            Some(questions) => questions.try_send(question).map_err(|error| match error {
                TrySendError::Full(_) => StorageError::Overloaded("too many questions wait for an answer".to_owned()),
                TrySendError::Disconnected(_) => closed(),
            }),
        };
        Box::pin(async move {
            asked?;
            answer.await.ok_or_else(|| StorageError::Io("the question was not answered, see the log".to_owned()))
        })
    }

    /// Refuses new questions; those that wait are answered.
    pub(crate) fn close(&self) {
        drop(self.questions.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

fn run(shared: &Shared, questions: &Mutex<Receiver<Question>>) {
    let _watched = shared.watch.enrol();
    loop {
        let question = questions.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(question) = question else { return };
        // The panic hook has logged it; the reader who asked is told, the others are served on.
        if catch_unwind(AssertUnwindSafe(|| question(shared))).is_err() {
            tracing::error!("a question panicked");
        }
    }
}
