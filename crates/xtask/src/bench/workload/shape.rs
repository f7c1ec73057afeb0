//! Which spans there are: sizes of traces, parents, services, times. Not here: what the spans say.

use crate::bench::quantile::Tables;
use crate::bench::random::Random;
use crate::bench::span::{Row, Spans, TraceRow};

/// Stream of the seed from which shapes are drawn.
const STREAM: u64 = 1;
/// Parents are chosen among so many spans before.
const RECENT: u64 = 6;
/// A trace begins in one of so many services.
const FRONT_SERVICES: u64 = 3;

pub(super) struct Shape {
    pub(super) size: Size,
    pub(super) services: u64,
    pub(super) operations: u64,
    pub(super) instances: u64,
    /// Mean nanoseconds between two traces; exponential.
    pub(super) gap_mean: u64,
    /// Of a thousand spans.
    pub(super) errors: u64,
}

pub(super) enum Size {
    /// Many small traces, two in a hundred large.
    Demo,
    /// Half below seven spans, some of thousands.
    Production,
    /// One root with so many spans less one below it.
    Star(u64),
}

impl Shape {
    pub(super) fn spans(&self, seed: u64, count: usize) -> Spans {
        let tables = Tables::load();
        let mut random = Random::new(seed, STREAM);
        let mut spans = Spans { rows: Vec::with_capacity(count), traces: Vec::new() };
        let mut arrival = 0;
        while spans.rows.len() < count {
            let left = (count - spans.rows.len()) as u64;
            let size = self.size.draw(&tables, &mut random).min(left);
            let id = u128::from(random.next()) << 64 | u128::from(random.next());
            let first = spans.rows.len() as u32;
            let trace = spans.traces.len() as u32;
            for place in 0..size {
                let row = self.row(&tables, &mut random, &spans.rows[first as usize..], place, arrival);
                spans.rows.push(Row { trace, parent: row.parent.map(|parent| first + parent), ..row });
            }
            spans.traces.push(TraceRow { id, first, rows: size as u32 });
            let gap = u128::from(tables.exponential.draw(&mut random)) * u128::from(self.gap_mean) / 1_000_000;
            arrival += gap as u64;
        }
        spans
    }

    /// The span at `place` of a trace that has the spans `before`; its parent is a place too.
    fn row(&self, tables: &Tables, random: &mut Random, before: &[Row], place: u64, arrival: u64) -> Row {
        let parent = (place > 0).then(|| match self.size {
            Size::Star(_) => 0,
            Size::Demo | Size::Production => place - 1 - random.below(RECENT.min(place)),
        });
        let above = parent.map(|parent| &before[parent as usize]);
        let service = match above {
            None => random.below(FRONT_SERVICES),
            Some(above) if random.below(2) == 0 => above.service.into(),
            Some(_) => random.below(self.services),
        };
        let start = above.map_or(arrival, |above| {
            let latest = (above.duration / 4 + 2_000).max(2_000);
            above.start + 1_000 + random.below(latest - 1_000)
        });
        Row {
            trace: 0,
            parent: parent.map(|parent| parent as u32),
            span_id: random.next().max(1),
            start,
            duration: tables.duration.draw(random),
            draw: random.next(),
            service: service as u16,
            operation: random.below(self.operations) as u16,
            instance: random.below(self.instances) as u8,
            is_error: random.per_mille(self.errors),
        }
    }
}

impl Size {
    fn draw(&self, tables: &Tables, random: &mut Random) -> u64 {
        match self {
            Self::Demo if random.per_mille(20) => tables.size_large.draw(random),
            Self::Demo => rounded(tables.size_ordinary.draw(random)),
            Self::Production => rounded(tables.size_production.draw(random)),
            Self::Star(size) => *size,
        }
    }
}

fn rounded(thousandths: u64) -> u64 {
    ((thousandths + 500) / 1_000).max(1)
}

#[cfg(test)]
mod tests {
    use crate::bench::workload::Name;

    #[test]
    fn demo_traces_have_the_sizes_that_were_asked_for() {
        let spans = Name::W1.workload().spans(1, 400_000);
        let mut sizes: Vec<u32> = spans.traces.iter().map(|trace| trace.rows).collect();
        let mean = f64::from(sizes.iter().sum::<u32>()) / sizes.len() as f64;
        assert!((21.5..24.5).contains(&mean), "mean {mean}, wanted about 23");
        sizes.sort_unstable();
        let quantile = |percent: usize| sizes[sizes.len() * percent / 100];
        assert!((9..=11).contains(&quantile(50)), "half below {}", quantile(50));
        assert!((32..=38).contains(&quantile(90)), "nine in ten below {}", quantile(90));
        assert!((150..=220).contains(&quantile(99)), "99 in a hundred below {}", quantile(99));
        let seconds = spans.rows.last().unwrap().start as f64 / 1e9;
        let gap = seconds * 1_000.0 / spans.traces.len() as f64;
        assert!((1.9..2.1).contains(&gap), "a trace every {gap} ms, wanted 2");
    }

    #[test]
    fn parents_come_first_and_children_start_later() {
        for name in [Name::W1, Name::W2, Name::W3] {
            let spans = name.workload().spans(3, 20_000);
            assert_eq!(spans.rows.len(), 20_000);
            for (index, row) in (0..).zip(&spans.rows) {
                let trace = &spans.traces[row.trace as usize];
                assert!((trace.first..trace.first + trace.rows).contains(&index));
                assert_eq!(row.parent.is_none(), index == trace.first);
                if let Some(parent) = row.parent {
                    assert!((trace.first..index).contains(&parent));
                    assert!(spans.rows[parent as usize].start < row.start);
                }
            }
        }
    }

    #[test]
    fn tracegen_is_one_root_with_nine_children() {
        let spans = Name::W3.workload().spans(3, 1_000);
        assert_eq!(spans.traces.len(), 100);
        assert!(spans.rows.iter().enumerate().all(|(index, row)| match row.parent {
            None => index % 10 == 0,
            Some(parent) => parent as usize == index / 10 * 10,
        }));
    }
}
