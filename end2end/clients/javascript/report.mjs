// Reports one trace with the OpenTelemetry JavaScript SDK, then prints what the SDK recorded as JSON.
// Usage: report.mjs grpc|proto|json none|gzip ENDPOINT SERVICE. The values come from the SDK's own spans, not from a second list.
// Does not know how they are read back.

import { context, SpanKind, SpanStatusCode, trace, TraceFlags, createTraceState } from '@opentelemetry/api';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { resourceFromAttributes } from '@opentelemetry/resources';

const ATTRIBUTES = {
  text: 'plain',
  'text.empty': '',
  'text.unicode': 'árvíztűrő 🍵 茶碗 \u202eright to left',
  'text.long': 'x'.repeat(10_000),
  'text.markup': '<img src=x onerror=alert(1)>',
  yes: true,
  no: false,
  int: 42,
  'int.negative': -1,
  'int.largest_safe': Number.MAX_SAFE_INTEGER,
  'int.beyond_2_53': 2 ** 60,
  double: 0.1,
  'double.tiny': 5e-324,
  'double.negative': -1234.5678,
  texts: ['a', '', 'ő'],
  bools: [true, false],
  ints: [1, -(2 ** 40), 2 ** 53],
  doubles: [0.5, -2.25],
  nothing: [],
};
const KINDS = ['internal', 'server', 'client', 'producer', 'consumer'];
const CODES = ['unset', 'ok', 'error'];

async function exporter(protocol, compression, endpoint) {
  if (protocol === 'grpc') {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
    return new OTLPTraceExporter({ url: endpoint, compression });
  }
  const packages = { proto: '@opentelemetry/exporter-trace-otlp-proto', json: '@opentelemetry/exporter-trace-otlp-http' };
  const { OTLPTraceExporter } = await import(packages[protocol]);
  return new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, compression });
}

/** Keeps every span that ended. */
class Recorded {
  spans = [];
  onStart() {}
  onEnd(span) {
    this.spans.push(span);
  }
  async forceFlush() {}
  async shutdown() {}
}

/** A request with children, all kinds, events, links and a failure. */
function play(tracer) {
  const elsewhere = {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
    traceState: createTraceState('vendor=a1,other=b2'),
  };
  const root = tracer.startSpan('GET /tea/{id}', { kind: SpanKind.SERVER, attributes: ATTRIBUTES });
  const inside = trace.setSpan(context.active(), root);
  root.addEvent('cache miss', { key: 'tea:ő', tries: 3, ratio: 0.25, ids: [1, 2] });
  const query = tracer.startSpan('SELECT tea', { kind: SpanKind.CLIENT }, inside);
  query.setAttribute('db.system.name', 'postgresql').setStatus({ code: SpanStatusCode.OK });
  const deeper = tracer.startSpan('parse rows', {}, trace.setSpan(inside, query));
  deeper.end();
  query.end();
  const sent = tracer.startSpan('send tea.brewed', { kind: SpanKind.PRODUCER }, inside);
  sent.end();
  const links = [
    { context: sent.spanContext(), attributes: { reason: 'same order', weight: 7 } },
    { context: elsewhere },
  ];
  tracer.startSpan('process tea.brewed', { kind: SpanKind.CONSUMER, links }, inside).end();
  const pour = tracer.startSpan('pour', {}, inside);
  pour.recordException(new RangeError('the cup is full: teáscsésze'));
  pour.setStatus({ code: SpanStatusCode.ERROR, message: 'could not pour' });
  pour.end();
  root.setStatus({ code: SpanStatusCode.ERROR, message: 'could not pour' });
  root.end();
}

/** A value as the server's own API writes it. */
function typed(value) {
  if (typeof value === 'boolean') return { bool: value };
  if (typeof value === 'string') return { string: value };
  if (Array.isArray(value)) return { array: value.map(typed) };
  if (Number.isInteger(value)) return { int: decimal(value) };
  return { double: String(value) };
}

/** JSON carries the shortest digits that mean the same double, 1152921504606847000 for 2^60; protobuf carries the integer. */
function decimal(integer) {
  return protocol === 'json' ? JSON.stringify(integer) : BigInt(integer).toString();
}

function pairs(attributes = {}) {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, typed(value)]));
}

function nanos([seconds, rest]) {
  return (BigInt(seconds) * 1_000_000_000n + BigInt(rest)).toString();
}

function described(span) {
  const { traceId, spanId } = span.spanContext();
  return {
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: span.parentSpanContext?.spanId ?? null,
    name: span.name,
    kind: KINDS[span.kind],
    start: nanos(span.startTime),
    end: nanos(span.endTime),
    status: { code: CODES[span.status.code], message: span.status.message ?? '' },
    attributes: pairs(span.attributes),
    events: span.events.map((event) => ({
      time: nanos(event.time),
      name: event.name,
      attributes: pairs(event.attributes),
    })),
    links: span.links.map((link) => ({
      trace_id: link.context.traceId,
      span_id: link.context.spanId,
      trace_state: link.context.traceState?.serialize() ?? '',
      attributes: pairs(link.attributes),
    })),
    resource: pairs(span.resource.attributes),
    scope: { name: span.instrumentationScope.name, version: span.instrumentationScope.version ?? '' },
  };
}

const [protocol, compression, endpoint, service] = process.argv.slice(2);
const resource = resourceFromAttributes({ 'service.name': service, 'service.version': '1.2.3', 'host.cores': 2 ** 40 });
const recorded = new Recorded();
const processor = new BatchSpanProcessor(await exporter(protocol, compression, endpoint));
const provider = new NodeTracerProvider({ resource, spanProcessors: [recorded, processor] });
play(provider.getTracer('tea-shop', '0.9.0'));
let flushed = true;
await provider.forceFlush().catch(() => (flushed = false));
process.stdout.write(JSON.stringify({ flushed, spans: recorded.spans.map(described) }));
await provider.shutdown();
