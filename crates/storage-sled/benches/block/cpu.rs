//! Processor time of the measuring thread instead of time of day: it says the same while the machine does other things.

use std::fs;

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter};

/// Nanoseconds on a processor, from the Linux scheduler.
pub(crate) struct CpuTime;

struct Nanos;

impl Measurement for CpuTime {
    type Intermediate = u64;
    type Value = u64;

    fn start(&self) -> u64 {
        let text = fs::read_to_string("/proc/thread-self/schedstat").expect("needs Linux with scheduler statistics");
        text.split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("begins with nanoseconds")
    }

    fn end(&self, start: u64) -> u64 {
        self.start() - start
    }

    fn add(&self, a: &u64, b: &u64) -> u64 {
        a + b
    }

    fn zero(&self) -> u64 {
        0
    }

    fn to_f64(&self, value: &u64) -> f64 {
        *value as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &Nanos
    }
}

impl ValueFormatter for Nanos {
    fn scale_values(&self, typical: f64, values: &mut [f64]) -> &'static str {
        let (unit, name) = if typical < 1e4 { (1.0, "ns") } else { (1e3, "µs") };
        values.iter_mut().for_each(|value| *value /= unit);
        name
    }

    fn scale_throughputs(&self, _: f64, throughput: &Throughput, values: &mut [f64]) -> &'static str {
        let Throughput::Elements(count) = throughput else { return "ns" };
        values.iter_mut().for_each(|value| *value /= *count as f64);
        "ns/span"
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "ns"
    }
}
