//! A watch over calls of sled: one that does not come back is told first, then the process ends, and the next one replays.
//!
//! Time is counted in the watchdog's own ticks, not read from a clock. A process that was stopped, a machine that slept or
//! one so loaded that it did not even run the watchdog costs one tick, however long it took.

use std::cell::OnceCell;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{process, thread};

use crate::guard::threads;

/// One tick.
const TICK: Duration = Duration::from_secs(1);

/// Ticks after which a call is told to whoever asks for the health of the process.
const TOLD_TICKS: u32 = 10;

/// Ticks after which a flush ends the process. Thousands of times what one takes on a disk that works.
const FLUSH_TICKS_MAX: u32 = 30;

/// Ticks after which any other call does.
const CALL_TICKS_MAX: u32 = 60;

/// What a thread asks of sled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Read = 1,
    Insert = 2,
    Flush = 3,
}

/// The threads that are watched, and what is wrong with them.
#[derive(Default)]
pub(crate) struct Watch {
    hearts: Mutex<Vec<Arc<Heart>>>,
    stalled: Mutex<Vec<String>>,
}

/// Of one thread.
struct Heart {
    name: String,
    /// Counts beginnings and ends of calls: odd while one is under way.
    beats: AtomicU64,
    call: AtomicU8,
    has_panicked: AtomicBool,
}

/// As long as it lives, the thread that made it is watched.
pub(crate) struct Enrolled {
    heart: Arc<Heart>,
    watch: Arc<Watch>,
}

/// Looks at every heart once a tick.
pub(crate) struct Watchdog {
    watch: Arc<Watch>,
    seen: Vec<Seen>,
    /// Ends the process, with a report.
    end: Box<dyn Fn(&str) + Send>,
}

/// A heart at the last tick.
struct Seen {
    heart: Arc<Heart>,
    beats: u64,
    /// For how many ticks the same call has been under way.
    ticks: u32,
}

// The thread carries its heart, because sled is called from many places and one that forgot would not be watched.
thread_local! {
    static HEART: OnceCell<Arc<Heart>> = const { OnceCell::new() };
}

/// Calls sled under the eyes of the watchdog, if this thread is watched.
pub(crate) fn during<T>(call: Call, work: impl FnOnce() -> T) -> T {
    HEART.with(|heart| {
        let _beat = heart.get().map(|heart| Beat::begin(heart, call));
        work()
    })
}

/// The last act of a process that cannot go on. Its successor replays what was acknowledged.
pub(crate) fn end_process(report: &str) {
    tracing::error!("sled does not come back, this process ends: {report}");
    process::abort();
}

// === impl Watch ===

impl Watch {
    /// Watches the thread that calls this, which does so once in its life.
    pub(crate) fn enrol(self: &Arc<Watch>) -> Enrolled {
        let name = thread::current().name().unwrap_or("without a name").to_owned();
        let heart =
            Heart { name, beats: AtomicU64::new(0), call: AtomicU8::new(0), has_panicked: AtomicBool::new(false) };
        let heart = Arc::new(heart);
        HEART.with(|own| assert!(own.set(Arc::clone(&heart)).is_ok(), "a thread is watched once"));
        locked(&self.hearts).push(Arc::clone(&heart));
        Enrolled { heart, watch: Arc::clone(self) }
    }

    /// Threads that do not come back from a call, or never will, each as one sentence. Empty when all is well.
    pub(crate) fn stalled(&self) -> Vec<String> {
        locked(&self.stalled).clone()
    }
}

impl Drop for Enrolled {
    fn drop(&mut self) {
        match thread::panicking() {
            // It stays, so that it is told.
            true => self.heart.has_panicked.store(true, Ordering::Relaxed),
            false => locked(&self.watch.hearts).retain(|heart| !Arc::ptr_eq(heart, &self.heart)),
        }
    }
}

/// A call under way.
struct Beat<'a>(&'a Heart);

impl Beat<'_> {
    fn begin(heart: &Heart, call: Call) -> Beat<'_> {
        heart.call.store(call as u8, Ordering::Relaxed);
        // Only this thread writes; the watchdog needs to see that something moved, not what it moved.
        heart.beats.fetch_add(1, Ordering::Relaxed);
        Beat(heart)
    }
}

impl Drop for Beat<'_> {
    fn drop(&mut self) {
        self.0.beats.fetch_add(1, Ordering::Relaxed);
    }
}

// === impl Watchdog ===

impl Watchdog {
    pub(crate) fn new(watch: Arc<Watch>, end: Box<dyn Fn(&str) + Send>) -> Watchdog {
        Watchdog { watch, seen: Vec::new(), end }
    }

    /// Looks once a tick, until the sender of `stop` is gone.
    pub(crate) fn run(mut self, stop: &Receiver<()>) {
        while stop.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            self.tick();
        }
    }

    /// Asks every thread once more whether it is still in the same call.
    fn tick(&mut self) {
        let hearts = locked(&self.watch.hearts).clone();
        let before = std::mem::take(&mut self.seen);
        for heart in hearts {
            let beats = heart.beats.load(Ordering::Relaxed);
            let last = before.iter().find(|seen| Arc::ptr_eq(&seen.heart, &heart) && seen.beats == beats);
            let ticks = last.filter(|_| !beats.is_multiple_of(2)).map_or(0, |seen| seen.ticks + 1);
            self.seen.push(Seen { heart, beats, ticks });
        }
        let told: Vec<String> = self.seen.iter().filter_map(Seen::trouble).collect();
        let new = told.len() > locked(&self.watch.stalled).len();
        if new {
            tracing::error!("the store stalls: {}", told.join("; "));
        }
        *locked(&self.watch.stalled) = told;
        if let Some(hopeless) = self.seen.iter().find(|seen| seen.is_hopeless()) {
            let report = format!("thread {} {}\n{}", hopeless.heart.name, hopeless.doing(), self.everything());
            (self.end)(&report);
        }
    }

    /// What all threads do, as seen from here and as the system sees them.
    fn everything(&self) -> String {
        let ours = self.seen.iter().map(|seen| format!("  {} {}\n", seen.heart.name, seen.doing()));
        let ours: String = ours.collect();
        format!("{ours}{}", threads::states())
    }
}

// === impl Seen ===

impl Seen {
    fn is_hopeless(&self) -> bool {
        let max = if self.call() == Some(Call::Flush) { FLUSH_TICKS_MAX } else { CALL_TICKS_MAX };
        self.ticks >= max
    }

    fn trouble(&self) -> Option<String> {
        if self.heart.has_panicked.load(Ordering::Relaxed) {
            return Some(format!("thread {} panicked, see the log", self.heart.name));
        }
        (self.ticks >= TOLD_TICKS).then(|| format!("thread {} {}", self.heart.name, self.doing()))
    }

    fn doing(&self) -> String {
        let word = match self.call() {
            _ if self.beats.is_multiple_of(2) => {
                return format!("is in no call of sled, after {} of them", self.beats / 2);
            }
            Some(Call::Flush) => "flushes",
            Some(Call::Insert) => "inserts",
            Some(Call::Read) | None => "reads",
        };
        format!("{word} since {} s", self.ticks)
    }

    fn call(&self) -> Option<Call> {
        let number = self.heart.call.load(Ordering::Relaxed);
        [Call::Read, Call::Insert, Call::Flush].into_iter().find(|call| *call as u8 == number)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{SyncSender, sync_channel};
    use std::thread::JoinHandle;

    use super::*;

    struct Bed {
        watchdog: Watchdog,
        watch: Arc<Watch>,
        ended: Receiver<String>,
    }

    fn bed() -> Bed {
        let watch = Arc::new(Watch::default());
        let (sender, ended) = sync_channel(100);
        let end = Box::new(move |report: &str| sender.send(report.to_owned()).expect("the test listens"));
        Bed { watchdog: Watchdog::new(Arc::clone(&watch), end), watch, ended }
    }

    /// A thread that makes one call each time it is told to, and returns from it when it is told again.
    fn caller(watch: &Arc<Watch>, call: Call) -> (SyncSender<()>, Receiver<()>, JoinHandle<()>) {
        let (tell, told) = sync_channel::<()>(0);
        let (say, said) = sync_channel::<()>(0);
        let watch = Arc::clone(watch);
        let work = move || {
            let _enrolled = watch.enrol();
            while told.recv().is_ok() {
                let within = || {
                    say.send(()).expect("the test listens");
                    told.recv().expect("a call is ended before its thread");
                };
                during(call, within);
                say.send(()).expect("the test listens");
            }
        };
        let thread = thread::Builder::new().name("caller".to_owned()).spawn(work).expect("starts");
        (tell, said, thread)
    }

    #[test]
    fn a_flush_is_told_after_ten_ticks_and_ends_the_process_after_thirty() {
        for (call, max) in [(Call::Flush, 30), (Call::Insert, 60), (Call::Read, 60)] {
            let mut bed = bed();
            let (tell, said, thread) = caller(&bed.watch, call);
            tell.send(()).expect("begins");
            said.recv().expect("in a call");
            // The first tick only learns of the call.
            for tick in 0..max {
                assert_eq!(!bed.watch.stalled().is_empty(), tick > TOLD_TICKS, "{call:?} at tick {tick}");
                bed.watchdog.tick();
            }
            assert!(bed.ended.try_recv().is_err(), "{call:?} ended too early");
            bed.watchdog.tick();
            let report = bed.ended.try_recv().expect("ended");
            assert!(report.contains("thread caller") && report.contains(&format!("since {max} s")), "{report}");
            tell.send(()).expect("ends its call");
            said.recv().expect("has ended its call");
            bed.watchdog.tick();
            assert_eq!(bed.watch.stalled(), Vec::<String>::new(), "well again");
            drop(tell);
            thread.join().expect("ends");
        }
    }

    #[test]
    fn many_calls_between_two_ticks_are_not_one_long_call() {
        let mut bed = bed();
        let (tell, said, thread) = caller(&bed.watch, Call::Flush);
        tell.send(()).expect("begins");
        said.recv().expect("in a call");
        for _tick in 0..FLUSH_TICKS_MAX * 3 {
            bed.watchdog.tick();
            // It is in a call at every tick, but each time in another one.
            tell.send(()).expect("ends its call");
            said.recv().expect("ended");
            tell.send(()).expect("begins the next");
            said.recv().expect("in a call");
        }
        assert_eq!(bed.watch.stalled(), Vec::<String>::new());
        assert!(bed.ended.try_recv().is_err());
        tell.send(()).expect("ends its call");
        said.recv().expect("ended");
        drop(tell);
        thread.join().expect("ends");
    }

    #[test]
    fn a_thread_that_waits_outside_of_sled_is_well() {
        let mut bed = bed();
        let (tell, _said, thread) = caller(&bed.watch, Call::Flush);
        (0..CALL_TICKS_MAX * 2).for_each(|_| bed.watchdog.tick());
        assert_eq!(bed.watch.stalled(), Vec::<String>::new());
        assert!(bed.ended.try_recv().is_err());
        drop(tell);
        thread.join().expect("ends");
    }

    #[test]
    fn a_thread_that_panicked_is_told_and_one_that_ended_is_not() {
        let mut bed = bed();
        for is_panicking in [false, true] {
            let watch = Arc::clone(&bed.watch);
            let work = move || {
                let _enrolled = watch.enrol();
                assert!(!is_panicking, "on purpose");
            };
            let thread = thread::Builder::new().name("worker".to_owned()).spawn(work).expect("starts");
            assert_eq!(thread.join().is_err(), is_panicking);
            bed.watchdog.tick();
            assert_eq!(bed.watch.stalled().len(), usize::from(is_panicking));
        }
        assert!(bed.watch.stalled()[0].contains("worker panicked"));
    }
}
