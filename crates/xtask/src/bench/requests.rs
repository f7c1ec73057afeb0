//! Which spans travel together, in which order: by end time, as clients send them. Not here: their bytes.

use std::collections::BTreeMap;

use super::random::Random;
use super::span::Spans;
use super::workload::Requests;

/// Stream of the seed from which sizes of small requests are drawn.
const STREAM: u64 = 4;
/// Small requests hold below two to this power spans.
const OCTAVES: u64 = 6;

/// The rows of each request, in the order of sending.
pub(super) fn requests(spans: &Spans, requests: Requests, seed: u64) -> Vec<Vec<u32>> {
    let mut order: Vec<u32> = (0..spans.rows.len() as u32).collect();
    order.sort_by_key(|row| (spans.rows[*row as usize].end(), *row));
    match requests {
        Requests::Batched(size) => order.chunks(size).map(<[u32]>::to_vec).collect(),
        Requests::Single => single(spans, &order, &mut Random::new(seed, STREAM)),
    }
}

/// Each process keeps its spans until it has as many as it drew.
fn single(spans: &Spans, order: &[u32], random: &mut Random) -> Vec<Vec<u32>> {
    let mut pending: BTreeMap<(u16, u8), (usize, Vec<u32>)> = BTreeMap::new();
    let mut requests = Vec::new();
    for row in order {
        let span = &spans.rows[*row as usize];
        let (wanted, rows) =
            pending.entry((span.service, span.instance)).or_insert_with(|| (small_size(random), Vec::new()));
        rows.push(*row);
        if rows.len() >= *wanted {
            requests.push(std::mem::take(rows));
            *wanted = small_size(random);
        }
    }
    requests.extend(pending.into_values().map(|(_, rows)| rows).filter(|rows| !rows.is_empty()));
    requests
}

/// As likely between 1 and 2 as between 32 and 64.
fn small_size(random: &mut Random) -> usize {
    let least = 1 << random.below(OCTAVES);
    (least + random.below(least)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::workload::Name;

    fn check(name: Name, sizes: std::ops::RangeInclusive<usize>) -> (Spans, Vec<Vec<u32>>) {
        let spans = name.workload().spans(1, 5_000);
        let requests = requests(&spans, name.requests(), 1);
        let mut rows: Vec<u32> = requests.concat();
        assert!(requests.iter().all(|rows| sizes.contains(&rows.len())));
        rows.sort_unstable();
        assert_eq!(rows, (0..5_000).collect::<Vec<u32>>(), "each span once");
        (spans, requests)
    }

    #[test]
    fn large_requests_hold_512_spans_by_end_time() {
        let (spans, requests) = check(Name::W1, 392..=512);
        let ends: Vec<u64> = requests.concat().iter().map(|row| spans.rows[*row as usize].end()).collect();
        assert!(ends.is_sorted());
        assert_eq!(requests.len(), 10);
    }

    #[test]
    fn small_requests_come_from_one_process_each() {
        let (spans, requests) = check(Name::W5, 1..=64);
        let process = |row: &u32| (spans.rows[*row as usize].service, spans.rows[*row as usize].instance);
        assert!(requests.iter().all(|rows| rows.iter().all(|row| process(row) == process(&rows[0]))));
    }
}
