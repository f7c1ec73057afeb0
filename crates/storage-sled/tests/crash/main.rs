//! A writer in another process is killed, at random and at every failpoint, while opening too: what it heard acknowledged
//! is there, once and equal, and counts equal a recount. A program of its own: a process that is being started holds, for a
//! moment, the locks of every store that is open beside it.

mod check;
mod content;
mod ledger;
mod place;
mod places;
mod run;
mod writer;

use std::time::Duration;

use storage::conformance::data::DAY;
use storage_sled::FAILPOINTS;

use crate::check::check;
use crate::ledger::Ledger;
use crate::place::Place;
use crate::run::{End, Run, When};

/// Kills at random in each run of the suite; the variable asks for more.
const KILLS: u64 = 25;
const KILLS_VARIABLE: &str = "STORE_KILLS";
/// Kills between two checks.
const KILLS_PER_CHECK: u64 = 3;
/// Batches acknowledged per kill, at least: with fewer, little was under way.
const BATCHES_PER_KILL_MIN: u64 = 5;
/// Runs in which a failpoint must be reached.
const TRIES: u64 = 5;

#[test]
fn acknowledged_spans_survive_kill_9() {
    match writer::directory() {
        Some(directory) => writer::run(&directory),
        None => kill_at_random("acknowledged_spans_survive_kill_9"),
    }
}

#[test]
fn acknowledged_spans_survive_a_kill_at_every_failpoint_of_writing() {
    match writer::directory() {
        Some(directory) => writer::run(&directory),
        None => kill_everywhere("acknowledged_spans_survive_a_kill_at_every_failpoint_of_writing", false),
    }
}

#[test]
fn acknowledged_spans_survive_a_kill_at_every_failpoint_of_starting_and_closing() {
    match writer::directory() {
        Some(directory) => writer::run(&directory),
        None => kill_everywhere("acknowledged_spans_survive_a_kill_at_every_failpoint_of_starting_and_closing", true),
    }
}

/// The same everywhere, and different from one to the next.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn kill_at_random(test: &str) {
    let kills = std::env::var(KILLS_VARIABLE).map_or(KILLS, |text| text.parse().expect("a number of kills"));
    let directory = Place::new();
    let mut random = Random(std::process::id().into());
    let mut ledger = Ledger::new(DAY.0);
    for kill in 0..kills {
        let delay = Duration::from_micros(random.below(8_000));
        let acked = When::Acked(1 + random.below(120), delay);
        // A third while the store opens, a third where the code says, a third anywhere.
        let (when, failpoint) = match kill % 3 {
            0 => (acked, None),
            1 => (acked, Some(FAILPOINTS[random.below(FAILPOINTS.len() as u64) as usize])),
            _ => (When::Opening(Duration::from_millis(random.below(400))), None),
        };
        let failpoint = failpoint.map(|name| format!("{name}:{}", 1 + random.below(60)));
        let run = Run { test, directory: directory.path(), number: kill + 1, when, failpoint: failpoint.as_deref() };
        assert_eq!(run.go(&mut ledger), End::Killed);
        if kill % KILLS_PER_CHECK == KILLS_PER_CHECK - 1 || kill + 1 == kills {
            check(directory.path(), &mut ledger);
        }
    }
    let acked = ledger.acked;
    assert!(acked > kills * BATCHES_PER_KILL_MIN, "only {acked} batches were acknowledged: too few to prove anything");
}

fn kill_everywhere(test: &str, of_starting: bool) {
    let directory = Place::new();
    let mut random = Random(1);
    let mut ledger = Ledger::new(DAY.0);
    let (mut number, mut never): (u64, Vec<&str>) = (0, Vec::new());
    let names = FAILPOINTS.iter().filter(|name| places::is_of_starting(name) == of_starting);
    for (place, name) in (0u64..).zip(names) {
        let mut is_reached = false;
        for try_number in 0..TRIES {
            let is_prepared = places::prepare(directory.path(), name);
            // At first somewhere in the middle of things, then at the first chance there is.
            let hits = if try_number == 0 && places::is_frequent(name) { 1 + random.below(20) } else { 1 };
            let how = if place % 8 == 7 { ":abort" } else { "" };
            let failpoint = format!("{name}:{hits}{how}");
            number += 1;
            let failpoint = is_prepared.then_some(failpoint.as_str());
            let run = Run { test, directory: directory.path(), number, when: places::when(name), failpoint };
            let end = run.go(&mut ledger);
            if number.is_multiple_of(2) {
                check(directory.path(), &mut ledger);
            }
            is_reached = end == End::Killed;
            if is_reached {
                break;
            }
        }
        if !is_reached {
            never.push(name);
        }
    }
    check(directory.path(), &mut ledger);
    assert!(never.is_empty(), "failpoints that were never reached: {never:?}");
}
