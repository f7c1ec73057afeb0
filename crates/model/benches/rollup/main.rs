//! What counting costs per span: RED cells, edges, and both with their bytes, over batches of a shop.
//!
//! `cargo bench -p model`. Compare numbers of one run only; a machine that does other things makes the others worthless.

mod workload;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::edge::Matcher;
use model::red::RedFold;
use model::rollup::{decode_edges, decode_red, encode_edges, encode_red};

fn counting(criterion: &mut Criterion) {
    let batches = workload::batches();
    let spans: usize = batches.iter().map(|batch| batch.len()).sum();
    let group = &mut criterion.benchmark_group("rollup");
    group.sample_size(20);
    group.throughput(Throughput::Elements(spans as u64));
    group.bench_function("red", |bencher| {
        bencher.iter(|| {
            let mut fold = RedFold::new();
            batches.iter().for_each(|batch| fold.add(batch));
            black_box(fold.is_full())
        });
    });
    // A matcher that has seen a generation: its tables have their size.
    group.bench_function("edges", |bencher| {
        bencher.iter_batched_ref(
            || workload::warm(Matcher::default(), &batches),
            |matcher| {
                batches.iter().for_each(|batch| matcher.add(batch));
                black_box(matcher.is_full())
            },
            criterion::BatchSize::PerIteration,
        );
    });
    group.bench_function("red and edges, to bytes", |bencher| {
        bencher.iter_batched_ref(
            || workload::warm(Matcher::default(), &batches),
            |matcher| {
                let mut fold = RedFold::new();
                for batch in &batches {
                    fold.add(batch);
                    matcher.add(batch);
                }
                let mut bytes = Vec::new();
                encode_red(&fold.take(), &mut bytes);
                encode_edges(&matcher.end_generation(), &mut bytes);
                black_box(bytes)
            },
            criterion::BatchSize::PerIteration,
        );
    });
    reading(group, &batches, spans);
}

/// One element is a cell.
fn reading(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    batches: &[model::SpanBatch],
    spans: usize,
) {
    let (mut fold, mut matcher) = (RedFold::new(), Matcher::default());
    for batch in batches {
        fold.add(batch);
        matcher.add(batch);
    }
    let (red, edges) = (fold.take(), matcher.finish());
    let (mut red_bytes, mut edge_bytes) = (Vec::new(), Vec::new());
    encode_red(&red, &mut red_bytes);
    encode_edges(&edges, &mut edge_bytes);
    println_sizes(spans, [(red.len(), red_bytes.len()), (edges.len(), edge_bytes.len())]);
    group.throughput(Throughput::Elements(red.len() as u64));
    group.bench_function("read red", |bencher| bencher.iter(|| black_box(decode_red(&red_bytes))));
    group.throughput(Throughput::Elements(edges.len() as u64));
    group.bench_function("read edges", |bencher| bencher.iter(|| black_box(decode_edges(&edge_bytes))));
}

#[expect(clippy::print_stdout, reason = "a bench speaks to whoever started it")]
fn println_sizes(spans: usize, [red, edges]: [(usize, usize); 2]) {
    println!("{spans} spans; (cells, bytes) of red {red:?}, of edges {edges:?}");
}

criterion_group!(benches, counting);
criterion_main!(benches);
