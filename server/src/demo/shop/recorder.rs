//! Records spans while a request type runs on a simulated clock. Not here: what the spans mean (`calls`, `requests`).

use model::{
    Attributes, Event, Link, Span, SpanDuration, SpanId, SpanKind, Status, StatusCode, TraceId, UnixNanos, Value,
    Warnings,
};

use super::scopes::{Layer, Scopes, layer_of};
use super::services::{Instance, Service};
use super::weather::Weather;
use crate::demo::random::Random;

/// W3C flag "sampled", and OTLP's "it is known whether the parent is remote".
const FLAGS_LOCAL_PARENT: u32 = 0x101;
/// The same with OTLP's "the parent is remote".
const FLAGS_REMOTE_PARENT: u32 = 0x301;

/// The spans of one request and of what follows from it.
pub(crate) struct Recorder<'a> {
    /// Decides everything.
    pub(crate) random: Random,
    /// The simulated instant.
    pub(crate) now: UnixNanos,
    /// Conditions when the request began.
    pub(crate) weather: Weather,
    instances: &'a [Vec<Instance>],
    scopes: &'a Scopes,
    spans: Vec<Span>,
    clocks_behind: Vec<SpanDuration>,
}

/// A span that has begun: where the program is.
#[derive(Clone, Copy)]
pub(crate) struct Here {
    index: usize,
    instance: usize,
    /// The service that runs it.
    pub(crate) service: Service,
}

// === impl Recorder ===

impl<'a> Recorder<'a> {
    /// Nothing recorded yet, at `now`.
    pub(crate) fn new(instances: &'a [Vec<Instance>], scopes: &'a Scopes, random: Random, now: UnixNanos) -> Self {
        let weather = Weather::at(now);
        Recorder { random, now, weather, instances, scopes, spans: Vec::new(), clocks_behind: Vec::new() }
    }

    /// Everything recorded.
    pub(crate) fn finish(self) -> Vec<Span> {
        self.spans
    }

    /// Begins a trace of its own.
    pub(crate) fn root(&mut self, service: Service, kind: SpanKind, name: impl Into<String>) -> Here {
        let trace_id = self.trace_id();
        let instance = self.random.below(self.instances[service as usize].len() as u64) as usize;
        self.begin(trace_id, None, service, instance, kind, name.into())
    }

    /// Begins a span in the process that `parent` runs in.
    pub(crate) fn child(&mut self, parent: Here, kind: SpanKind, name: impl Into<String>) -> Here {
        let (trace_id, id) = self.context(parent);
        self.begin(trace_id, Some(id), parent.service, parent.instance, kind, name.into())
    }

    /// Begins a span in one of the processes of `service`.
    pub(crate) fn remote_child(
        &mut self,
        parent: Here,
        service: Service,
        kind: SpanKind,
        name: impl Into<String>,
    ) -> Here {
        let (trace_id, id) = self.context(parent);
        let instance = self.random.below(self.instances[service as usize].len() as u64) as usize;
        let here = self.begin(trace_id, Some(id), service, instance, kind, name.into());
        self.spans[here.index].flags = FLAGS_REMOTE_PARENT;
        here
    }

    /// Ends a span now, on the clock of its host.
    pub(crate) fn end(&mut self, here: Here) {
        self.spans[here.index].end = self.now.before(self.clocks_behind[here.index]);
    }

    /// Time passes: about `median` microseconds.
    pub(crate) fn work(&mut self, median_micros: f64) {
        self.work_with(median_micros, 0.45);
    }

    /// Time passes, more or less steadily.
    pub(crate) fn work_with(&mut self, median_micros: f64, spread: f64) {
        let nanos = self.random.around(median_micros * 1_000.0, spread);
        self.now = self.now.after(SpanDuration(nanos as u64));
    }

    /// Runs something that starts now without waiting for it; tells when it was over.
    pub(crate) fn aside(&mut self, run: impl FnOnce(&mut Recorder<'a>)) -> UnixNanos {
        let started = self.now;
        run(self);
        std::mem::replace(&mut self.now, started)
    }

    /// Waits until `instant`, which may have passed.
    pub(crate) fn wait_until(&mut self, instant: UnixNanos) {
        self.now = self.now.max(instant);
    }

    /// Sets an attribute.
    pub(crate) fn set(&mut self, here: Here, key: &str, value: impl Into<Value>) {
        self.spans[here.index].attributes.set(key, value);
    }

    /// The span comes from a library for databases, caches or queues.
    pub(crate) fn mark_data_library(&mut self, here: Here) {
        self.spans[here.index].scope = self.scopes.get(here.service.facts().language, Layer::Data);
    }

    /// Marks a span as failed.
    pub(crate) fn fail(&mut self, here: Here, error_type: &str, message: impl Into<String>) {
        let span = &mut self.spans[here.index];
        span.attributes.set("error.type", error_type);
        span.status = Status { code: StatusCode::Error, message: message.into() };
    }

    /// Notes a fact at this point in time.
    pub(crate) fn event(&mut self, here: Here, name: &str, attributes: Attributes) {
        let time = self.now.before(self.clocks_behind[here.index]);
        let event = Event { time, name: name.to_owned(), attributes, attributes_dropped: 0 };
        self.spans[here.index].events.push(event);
    }

    /// Links `here` to another span.
    pub(crate) fn link(&mut self, here: Here, to: Here) {
        let (trace_id, span_id) = self.context(to);
        let link = Link {
            trace_id,
            span_id,
            trace_state: String::new(),
            flags: FLAGS_REMOTE_PARENT,
            attributes: Attributes::new(),
            attributes_dropped: 0,
        };
        self.spans[here.index].links.push(link);
    }

    fn context(&self, here: Here) -> (TraceId, SpanId) {
        let span = &self.spans[here.index];
        (span.trace_id, span.span_id)
    }

    fn begin(
        &mut self,
        trace_id: TraceId,
        parent_span_id: Option<SpanId>,
        service: Service,
        instance: usize,
        kind: SpanKind,
        name: String,
    ) -> Here {
        let running = &self.instances[service as usize][instance];
        let behind = SpanDuration(running.clock_behind_nanos);
        let start = self.now.before(behind);
        let span = Span {
            trace_id,
            span_id: self.span_id(),
            parent_span_id,
            trace_state: String::new(),
            flags: FLAGS_LOCAL_PARENT,
            name,
            kind,
            start,
            end: start,
            attributes: Attributes::new(),
            attributes_dropped: 0,
            events: Vec::new(),
            events_dropped: 0,
            links: Vec::new(),
            links_dropped: 0,
            status: Status::default(),
            resource: running.resource.clone(),
            scope: self.scopes.get(service.facts().language, layer_of(kind)),
            warnings: Warnings::NONE,
        };
        self.spans.push(span);
        self.clocks_behind.push(behind);
        Here { index: self.spans.len() - 1, instance, service }
    }

    fn trace_id(&mut self) -> TraceId {
        loop {
            let bits = (u128::from(self.random.next()) << 64) | u128::from(self.random.next());
            if let Some(id) = TraceId::new(bits.to_be_bytes()) {
                return id;
            }
        }
    }

    fn span_id(&mut self) -> SpanId {
        loop {
            if let Some(id) = SpanId::new(self.random.next().to_be_bytes()) {
                return id;
            }
        }
    }
}
