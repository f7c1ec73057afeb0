//! What a block costs: nanoseconds to encode, decode and scan, and bytes by section, on spans like those of workload W1.

mod cpu;
mod random;
mod w1;

use std::hint::black_box;

use cpu::CpuTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::SpanBatch;
use storage::Field;
use storage_sled::block::{Block, BlockBuilder, BlockReader, Term};

const SEED: u64 = 42;

/// Eight full row groups.
const ROWS: usize = 65_536;

/// All row groups a block can have.
const ROWS_FULL: usize = 524_288;

fn build(batches: &[SpanBatch]) -> Block {
    let mut builder = BlockBuilder::new(0);
    batches.iter().for_each(|batch| builder.push(batch).expect("fits"));
    builder.finish().expect("builds")
}

fn print_split(block: &Block) {
    let reader = BlockReader::open(block.bytes.as_slice()).expect("own bytes");
    let rows = f64::from(block.summary.rows);
    eprintln!("{} rows, {} traces, {} bytes", block.summary.rows, block.summary.traces, block.bytes.len());
    for (name, bytes) in reader.sizes().expect("own bytes") {
        let per_span = bytes as f64 / rows;
        if per_span >= 0.005 {
            eprintln!("  {per_span:7.3} B/span  {name}");
        }
    }
    eprintln!("  {:7.3} B/span  in all", block.bytes.len() as f64 / rows);
}

fn encode_and_decode(criterion: &mut Criterion<CpuTime>, name: &str, batches: &[SpanBatch]) {
    let rows = batches.iter().map(SpanBatch::len).sum::<usize>() as u64;
    let block = build(batches);
    print_split(&block);
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(rows)).sample_size(10);
    group.bench_function("encode", |bencher| bencher.iter(|| build(black_box(batches)).bytes.len()));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            let reader = BlockReader::open(block.bytes.as_slice()).expect("own bytes");
            let groups = 0..reader.zones().len();
            groups.map(|group| reader.spans_of_group(group).expect("own bytes").len()).sum::<usize>()
        });
    });
    group.finish();
}

fn scan(criterion: &mut Criterion<CpuTime>, batches: &[SpanBatch]) {
    let block = build(batches);
    let reader = BlockReader::open(block.bytes.as_slice()).expect("own bytes");
    let groups = || 0..reader.zones().len();
    let mut group = criterion.benchmark_group("scan");
    group.throughput(Throughput::Elements(block.summary.rows.into())).sample_size(20);
    group.bench_function("duration", |bencher| {
        let above = |group| reader.durations(group).expect("own bytes").iter().filter(|ns| **ns > 9_000_000).count();
        bencher.iter(|| groups().map(above).sum::<usize>());
    });
    group.bench_function("shape", |bencher| {
        let equal = |group| reader.shapes(group).expect("own bytes").iter().filter(|shape| **shape == 3).count();
        bencher.iter(|| groups().map(equal).sum::<usize>());
    });
    group.bench_function("start", |bencher| {
        bencher.iter(|| groups().map(|group| reader.starts(group).expect("own bytes").len()).sum::<usize>());
    });
    group.bench_function("attribute", |bencher| {
        bencher.iter(|| {
            let mut found = 0;
            for group in groups() {
                let mut scan = reader.scan(group, reader.shapes(group).expect("own bytes")).expect("own bytes");
                let mut values = reader.field_values(&Field::any("network.peer.port"), |_| 0).expect("own bytes");
                let all = vec![true; reader.zones()[group].rows as usize];
                scan.visit(&mut values, &all, |_| 0, |_, _| found += 1).expect("own bytes");
            }
            found
        });
    });
    group.finish();
    let mut group = criterion.benchmark_group("look up");
    let id = batches[batches.len() / 2].row(0).trace_id();
    group.bench_function("trace, opened before", |bencher| {
        bencher.iter(|| reader.trace(black_box(&id)).expect("own bytes").map(|trace| trace.len()));
    });
    group.bench_function("term", |bencher| {
        let term = Term::attribute("network.peer.port", "40000");
        bencher.iter(|| reader.groups_with(black_box(term)).expect("own bytes"));
    });
    group.bench_function("open", |bencher| {
        bencher.iter(|| BlockReader::open(block.bytes.as_slice()).expect("own bytes").row_count());
    });
    group.finish();
}

fn block(criterion: &mut Criterion<CpuTime>) {
    let batches = w1::batches(SEED, ROWS);
    encode_and_decode(criterion, "W1, 65,536 rows", &batches);
    scan(criterion, &batches);
    encode_and_decode(criterion, "W1, 524,288 rows", &w1::batches(SEED, ROWS_FULL));
}

criterion_group!(name = benches; config = Criterion::default().with_measurement(CpuTime); targets = block);
criterion_main!(benches);
