//! What reading a request costs per span, in stages: unpack, read into spans, into columns, the walk that does both at once, and parts of it.
//!
//! `cargo bench -p wire`. Compare numbers of one run only; a machine that does other things makes the others worthless.

mod workload;

use std::hint::black_box;
use std::io::{Read, Write};

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use model::SpanBatch;
use model::batch::Dictionary;
use wire::otlp::{encode, proto, walk};
use wire::{DecodedBatch, Limits};

/// Different bodies, so that no branch or cache line is learnt by heart.
const BODIES: u64 = 8;

/// One element is a span.
fn each<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, bodies: &[T], mut work: impl FnMut(&T)) {
    group.throughput(Throughput::Elements(BODIES * workload::SPANS_PER_BODY as u64));
    group.bench_function(name, |bencher| bencher.iter(|| bodies.iter().for_each(&mut work)));
}

fn read(criterion: &mut Criterion) {
    let bodies: Vec<Vec<u8>> = (0..BODIES).map(|seed| encode::request_proto(&workload::spans(seed))).collect();
    let packed: Vec<Vec<u8>> = bodies.iter().map(|body| packed(body)).collect();
    let bytes: usize = bodies.iter().map(Vec::len).sum();
    println_sizes(bytes, packed.iter().map(Vec::len).sum());
    let limits = Limits::default();
    let group = &mut criterion.benchmark_group("otlp");
    each(group, "unpack", &packed, |body| {
        let mut plain = Vec::new();
        let read = flate2::bufread::MultiGzDecoder::new(&body[..]).read_to_end(&mut plain);
        black_box(read.expect("just packed"));
    });
    each(group, "owned spans", &bodies, |body| {
        black_box(proto::decode(body, &limits).expect("our own encoding"));
    });
    each(group, "owned spans, columns", &bodies, |body| {
        let decoded = proto::decode(body, &limits).expect("our own encoding");
        black_box(DecodedBatch::from(decoded));
    });
    each(group, "walk", &bodies, |body| {
        black_box(walk::decode(body, &limits).expect("our own encoding"));
    });
    let batches: Vec<SpanBatch> = bodies.iter().map(|body| batch_from(body)).collect();
    each(group, "part of the walk: new texts", &batches, |batch| {
        let texts = &batch.columns().strings;
        let mut dictionary = Dictionary::with_capacity(texts.len());
        texts.iter().for_each(|text| assert!(dictionary.intern_bytes(text.as_bytes()).is_some()));
        black_box(dictionary);
    });
    each(group, "part of the walk: check of the columns, a copy", &batches, |batch| {
        black_box(SpanBatch::from_columns(batch.columns().clone()).expect("columns of a batch"));
    });
}

fn batch_from(body: &[u8]) -> SpanBatch {
    let decoded = walk::decode(body, &Limits::default()).expect("our own encoding");
    decoded.batch.expect("a body has spans")
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

#[expect(clippy::print_stdout, reason = "a bench speaks to whoever started it")]
fn println_sizes(bytes: usize, packed_bytes: usize) {
    let spans = BODIES as f64 * workload::SPANS_PER_BODY as f64;
    println!("{:.1} bytes per span, {:.1} packed", bytes as f64 / spans, packed_bytes as f64 / spans);
}

criterion_group!(benches, read);
criterion_main!(benches);
