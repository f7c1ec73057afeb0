//! Batches that are missing from the numbers of their clients, and spans that clients say they could not send.
//!
//! A batch is missing whether the network, the kernel or our own queue lost it. Not here: which of them it was (`datagrams`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wire::jaeger::{ClientReport, ClientStats};

use super::counters::{counter, family};

/// Clients that are remembered. Beyond them the one is forgotten that was silent for longest; the totals stay.
const CLIENTS_MAX: usize = 1024;
/// Batches in which one that comes late is told from one that comes twice.
const WINDOW: u32 = u64::BITS;
/// Characters of a name on a line of metrics.
const NAME_CHARS_MAX: usize = 128;

/// Every client that was heard.
#[derive(Debug, Default)]
pub struct Clients {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    clients: BTreeMap<String, Client>,
    totals: Losses,
    /// Counts reports, to know who was silent for longest.
    reports: u64,
}

/// Counts only rise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Batches whose number was passed over when a later one came.
    pub batches_missing: u64,
    /// Of these, batches that came after all.
    pub batches_late: u64,
    /// Spans that clients could not send, as they say.
    pub spans: ClientStats,
}

#[derive(Debug, Default)]
struct Client {
    service: String,
    losses: Losses,
    /// What it said last; its counts rise as long as it lives.
    said: ClientStats,
    highest: Option<i64>,
    /// Bit n: the batch with the number `highest - n` came.
    seen: u64,
    heard: u64,
}

// === impl Clients ===

impl Clients {
    /// A batch came. Clients without a name of their own are told apart by the address they send from.
    pub fn heard(&self, sender: Option<SocketAddr>, report: &ClientReport) {
        let counts = report.sequence.is_some() || report.stats.is_some();
        let Some(id) = id_of(sender, report).filter(|_| counts) else { return };
        let mut known = self.lock();
        known.reports += 1;
        let heard = known.reports;
        if known.clients.len() >= CLIENTS_MAX && !known.clients.contains_key(&id) {
            known.forget_one();
        }
        let client = known.clients.entry(id).or_default();
        client.heard = heard;
        client.service = name(&report.service);
        let before = client.losses;
        client.take(report);
        let after = client.losses;
        known.totals = known.totals.plus(after.minus(before));
    }

    /// Of all clients together.
    pub fn totals(&self) -> Losses {
        self.lock().totals
    }

    /// What can be said about clients that lost something, for people; the greatest losses first, at most so many.
    pub fn notes(&self, notes_max: usize) -> Vec<String> {
        let known = self.lock();
        let mut losing: Vec<_> = known.clients.iter().filter(|(_, client)| client.losses.any()).collect();
        losing.sort_by_key(|(_, client)| std::cmp::Reverse(client.losses.batches() + client.losses.spans_sum()));
        let note = |(id, client): &(&String, &Client)| {
            let losses = client.losses;
            format!(
                "{} ({id}): {} batches missing, {} spans that it could not send",
                client.service,
                losses.batches(),
                losses.spans_sum()
            )
        };
        losing.iter().take(notes_max).map(note).collect()
    }

    /// In the text form that Prometheus reads.
    pub(super) fn exposition(&self, text: &mut String) {
        let known = self.lock();
        let totals = known.totals;
        counter(
            text,
            "client_batches_missing_total",
            "batches passed over in a client's count, wherever they were lost",
            &[("", totals.batches_missing)],
        );
        counter(text, "client_batches_late_total", "missing batches that came after all", &[("", totals.batches_late)]);
        let spans = totals.spans;
        let reasons = [("queue_full", spans.queue_full), ("too_large", spans.too_large), ("not_sent", spans.not_sent)];
        counter(text, "client_spans_dropped_total", "spans that clients could not send, as they say", &reasons);
        family(text, "client_losses", "gauge", "batches and spans that one client lost since it is known", &[]);
        for (id, client) in known.clients.iter().filter(|(_, client)| client.losses.any()) {
            let (service, id) = (quoted(&client.service), quoted(id));
            for (what, count) in [("batches", client.losses.batches()), ("spans", client.losses.spans_sum())] {
                writeln!(
                    text,
                    "tracewell_client_losses{{service=\"{service}\",client=\"{id}\",what=\"{what}\"}} {count}"
                )
                .expect("writing to a string does not fail");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn forget_one(&mut self) {
        let silent = self.clients.iter().min_by_key(|(_, client)| client.heard).map(|(id, _)| id.clone());
        if let Some(id) = silent {
            self.clients.remove(&id);
        }
    }
}

// === impl Client ===

impl Client {
    fn take(&mut self, report: &ClientReport) {
        let newest = match report.sequence {
            Some(number) => self.number(number),
            None => true,
        };
        // A batch that was overtaken says what was known before.
        if let (Some(stats), true) = (report.stats, newest) {
            // Counts that fall are those of a new life of the client.
            let base = if fell(stats, self.said) { ClientStats::default() } else { self.said };
            self.losses.spans = plus(self.losses.spans, minus(stats, base));
            self.said = stats;
        }
    }

    /// Whether it is the newest batch so far.
    fn number(&mut self, number: i64) -> bool {
        let Some(highest) = self.highest else {
            // What came before us is not known.
            (self.highest, self.seen) = (Some(number), u64::MAX);
            return true;
        };
        if number > highest {
            let passed = number.abs_diff(highest);
            self.losses.batches_missing = self.losses.batches_missing.saturating_add(passed - 1);
            let shifted = u32::try_from(passed).ok().and_then(|passed| self.seen.checked_shl(passed));
            (self.highest, self.seen) = (Some(number), shifted.unwrap_or(0) | 1);
            return true;
        }
        match u32::try_from(highest.abs_diff(number)) {
            Ok(behind) if behind < WINDOW => {
                let bit = 1u64 << behind;
                self.losses.batches_late += u64::from(self.seen & bit == 0);
                self.seen |= bit;
                false
            }
            // So far back goes only who counts anew.
            _ => {
                (self.highest, self.seen) = (Some(number), u64::MAX);
                true
            }
        }
    }
}

// === impl Losses ===

impl Losses {
    /// Batches that were lost for good.
    pub fn batches(self) -> u64 {
        self.batches_missing.saturating_sub(self.batches_late)
    }

    /// Spans that were not sent, for whatever reason.
    pub fn spans_sum(self) -> u64 {
        self.spans.queue_full.saturating_add(self.spans.too_large).saturating_add(self.spans.not_sent)
    }

    fn any(self) -> bool {
        self.batches() > 0 || self.spans_sum() > 0
    }

    fn plus(self, other: Losses) -> Losses {
        Losses {
            batches_missing: self.batches_missing.saturating_add(other.batches_missing),
            batches_late: self.batches_late + other.batches_late,
            spans: plus(self.spans, other.spans),
        }
    }

    fn minus(self, other: Losses) -> Losses {
        Losses {
            batches_missing: self.batches_missing - other.batches_missing,
            batches_late: self.batches_late - other.batches_late,
            spans: minus(self.spans, other.spans),
        }
    }
}

fn fell(now: ClientStats, before: ClientStats) -> bool {
    now.queue_full < before.queue_full || now.too_large < before.too_large || now.not_sent < before.not_sent
}

/// Numbers of a datagram may be of any size.
fn plus(a: ClientStats, b: ClientStats) -> ClientStats {
    ClientStats {
        queue_full: a.queue_full.saturating_add(b.queue_full),
        too_large: a.too_large.saturating_add(b.too_large),
        not_sent: a.not_sent.saturating_add(b.not_sent),
    }
}

fn minus(a: ClientStats, b: ClientStats) -> ClientStats {
    ClientStats {
        queue_full: a.queue_full.saturating_sub(b.queue_full),
        too_large: a.too_large.saturating_sub(b.too_large),
        not_sent: a.not_sent.saturating_sub(b.not_sent),
    }
}

fn id_of(sender: Option<SocketAddr>, report: &ClientReport) -> Option<String> {
    match report.id.as_str() {
        "" => sender.map(|sender| sender.to_string()),
        id => Some(name(id)),
    }
}

fn name(text: &str) -> String {
    text.chars().take(NAME_CHARS_MAX).collect()
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(id: &str, sequence: i64) -> ClientReport {
        ClientReport { id: id.to_owned(), service: "shop".to_owned(), sequence: Some(sequence), stats: None }
    }

    fn after(sequences: &[i64]) -> Losses {
        let clients = Clients::default();
        sequences.iter().for_each(|sequence| clients.heard(None, &report("a", *sequence)));
        clients.totals()
    }

    fn batches(losses: Losses) -> (u64, u64) {
        (losses.batches_missing, losses.batches_late)
    }

    #[test]
    fn a_gap_in_the_numbers_is_missing_until_it_comes_late() {
        assert_eq!(batches(after(&[1, 2, 3])), (0, 0));
        assert_eq!(batches(after(&[7, 8, 11])), (2, 0), "what came before the first one is not known");
        assert_eq!(batches(after(&[1, 4, 3, 2])), (2, 2));
        assert_eq!(batches(after(&[1, 4, 3, 3, 3, 4, 4])), (2, 1), "twice is not late");
        assert_eq!(batches(after(&[1, 1_000, 999])), (998, 1));
    }

    #[test]
    fn a_client_that_counts_anew_has_lost_nothing() {
        assert_eq!(batches(after(&[1_000, 1_001, 1, 2, 3])), (0, 0));
        assert_eq!(batches(after(&[1_000, 1_001, 1, 2, 4])), (1, 0));
    }

    #[test]
    fn numbers_of_any_size_are_counted_without_a_fault() {
        let losses = after(&[i64::MIN, i64::MAX, i64::MIN, i64::MAX]);
        assert!(losses.batches_missing > 0, "{losses:?}");
    }

    #[test]
    fn what_a_client_says_of_itself_is_counted_once_also_over_its_restart() {
        let clients = Clients::default();
        let say = |sequence, queue_full| {
            let stats = Some(ClientStats { queue_full, too_large: 1, not_sent: 0 });
            clients.heard(None, &ClientReport { stats, ..report("a", sequence) });
        };
        say(1, 5);
        say(3, 9);
        say(2, 7);
        assert_eq!(clients.totals().spans, ClientStats { queue_full: 9, too_large: 1, not_sent: 0 });
        say(4, 2);
        assert_eq!(clients.totals().spans, ClientStats { queue_full: 11, too_large: 2, not_sent: 0 });
    }

    #[test]
    fn clients_are_told_apart_by_their_name_or_else_by_their_address() {
        let clients = Clients::default();
        let from = |port| Some(SocketAddr::from(([127, 0, 0, 1], port)));
        for (sender, id, sequence) in [(1, "", 1), (2, "", 5), (1, "", 2), (2, "", 6), (1, "x", 9), (2, "x", 10)] {
            clients.heard(from(sender), &report(id, sequence));
        }
        assert_eq!(batches(clients.totals()), (0, 0));
        clients.heard(from(2), &report("", 9));
        assert_eq!(clients.notes(9), ["shop (127.0.0.1:2): 2 batches missing, 0 spans that it could not send"]);
        let mut text = String::new();
        clients.exposition(&mut text);
        let line = "tracewell_client_losses{service=\"shop\",client=\"127.0.0.1:2\",what=\"batches\"} 2\n";
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn any_number_of_clients_takes_bounded_memory_and_the_totals_stay() {
        let clients = Clients::default();
        for number in 0..CLIENTS_MAX + 10 {
            clients.heard(None, &report(&format!("client {number}"), 1));
            clients.heard(None, &report(&format!("client {number}"), 3));
        }
        assert_eq!(clients.lock().clients.len(), CLIENTS_MAX);
        assert_eq!(clients.totals().batches_missing, CLIENTS_MAX as u64 + 10);
    }
}
