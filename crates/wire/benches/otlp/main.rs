//! What reading a request costs per span, in stages: unpack, messages alone, owned spans, columns.
//!
//! `cargo bench -p wire`. Compare numbers of one run only; a machine that does other things makes the others worthless.

mod workload;

use std::hint::black_box;
use std::io::{Read, Write};

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use wire::otlp::{encode, proto, walk};
use wire::{DecodedBatch, Limits};

/// Different bodies, so that no branch or cache line is learnt by heart.
const BODIES: u64 = 8;

/// One element is a span.
fn each(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, bodies: &[Vec<u8>], mut work: impl FnMut(&[u8])) {
    group.throughput(Throughput::Elements(BODIES * workload::SPANS_PER_BODY as u64));
    group.bench_function(name, |bencher| bencher.iter(|| bodies.iter().for_each(|body| work(body))));
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
        let read = flate2::read::MultiGzDecoder::new(body).read_to_end(&mut plain);
        black_box(read.expect("just packed"));
    });
    each(group, "owned", &bodies, |body| {
        black_box(proto::decode(body, &limits).expect("our own encoding"));
    });
    each(group, "owned + columns", &bodies, |body| {
        let decoded = proto::decode(body, &limits).expect("our own encoding");
        black_box(DecodedBatch::from(decoded));
    });
    each(group, "walk", &bodies, |body| {
        black_box(walk::decode(body, &limits).expect("our own encoding"));
    });
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
