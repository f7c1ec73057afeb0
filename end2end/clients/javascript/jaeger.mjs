// Reports one trace with Jaeger's own client for Node over UDP or HTTP, then prints what the client sent as JSON.
// Usage: jaeger.mjs udp|http ADDRESS SERVICE. The values come from the client's own Thrift structs, said in OpenTelemetry's words.
// Does not know how they are read back.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { initTracer, opentracing } = require('jaeger-client');
const Thrift = require('jaeger-client/dist/src/thrift.js').default;

const TAGS = {
  text: 'plain',
  'text.unicode': 'árvíztűrő 🍵 茶碗',
  'text.long': 'x'.repeat(900),
  yes: true,
  no: false,
  int: 42,
  double: 0.1,
  bytes: Buffer.from([0, 255, 16]),
};
const REFERENCES = { CHILD_OF: 'child_of', FOLLOWS_FROM: 'follows_from' };

function play(tracer) {
  const root = tracer.startSpan('GET /tea/{id}', { tags: { 'span.kind': 'server', ...TAGS } });
  root.log({ event: 'cache miss', key: 'tea:ő', tries: 3, hit: false });
  const query = tracer.startSpan('SELECT tea', { childOf: root, tags: { 'span.kind': 'client', 'db.type': 'sql' } });
  query.finish();
  const pour = tracer.startSpan('pour', { childOf: root, tags: { error: true } });
  pour.log({ event: 'error', 'error.kind': 'RangeError', message: 'the cup is full', stack: 'at pour' });
  pour.finish();
  const references = [opentracing.followsFrom(root.context()), opentracing.followsFrom(query.context())];
  const after = tracer.startSpan('process tea.brewed', { references, tags: { 'span.kind': 'consumer' } });
  after.finish();
  root.finish();
  return [root, query, pour, after];
}

/** A tag as the server's own API writes it. This client knows one type of number. */
function typed({ value }) {
  if (typeof value === 'boolean') return { bool: value };
  if (typeof value === 'number') return { double: String(value) };
  if (Buffer.isBuffer(value)) return { bytes: value.toString('base64') };
  return { string: String(value) };
}

function pairs(tags) {
  return Object.fromEntries(tags.map((tag) => [tag.key, typed(tag)]));
}

function nanos(buffer) {
  return buffer.readBigInt64BE() * 1000n;
}

function event(log, sent) {
  const fields = pairs(log.fields);
  let name = fields.event.string;
  delete fields.event;
  if (name === 'error') {
    name = 'exception';
    const words = { 'error.kind': 'exception.type', message: 'exception.message', stack: 'exception.stacktrace' };
    for (const [from, to] of Object.entries(words)) {
      fields[to] = fields[from];
      delete fields[from];
    }
  }
  return { time: nanos(sent.timestamp).toString(), name, attributes: fields };
}

function hex(...parts) {
  return Buffer.concat(parts.map((part) => Buffer.from(part))).toString('hex');
}

function link(reference) {
  const trace_id = hex(reference.traceIdHigh, reference.traceIdLow);
  const attributes = { 'opentracing.ref_type': { string: REFERENCES[reference.refType] } };
  return { trace_id, span_id: hex(reference.spanId), trace_state: '', attributes };
}

function described(span, resource) {
  const sent = Thrift.spanToThrift(span);
  const attributes = pairs(span._tags);
  const kind = attributes['span.kind']?.string ?? 'internal';
  const failed = attributes.error?.bool ?? false;
  delete attributes['span.kind'];
  delete attributes.error;
  const start = nanos(sent.startTime);
  const parent = hex(sent.parentSpanId);
  return {
    trace_id: hex(sent.traceIdHigh, sent.traceIdLow),
    span_id: hex(sent.spanId),
    parent_span_id: /^0+$/.test(parent) ? null : parent,
    name: sent.operationName,
    kind,
    start: start.toString(),
    end: (start + nanos(sent.duration)).toString(),
    status: { code: failed ? 'error' : 'unset', message: '' },
    attributes,
    events: span._logs.map((log, place) => event(log, sent.logs[place])),
    links: sent.references.filter((reference) => reference.refType === 'FOLLOWS_FROM').map(link),
    resource,
    scope: { name: '', version: '' },
  };
}

function resourceOf(tracer, service) {
  const words = { hostname: 'host.name', ip: 'host.ip' };
  const tags = Object.entries(tracer._tags).map(([key, value]) => [words[key] ?? key, typed({ value })]);
  return { ...Object.fromEntries(tags), 'service.name': { string: service } };
}

const [protocol, address, service] = process.argv.slice(2);
const [agentHost, agentPort] = address.split(':');
const reporter = protocol === 'http' ? { collectorEndpoint: `${address}/api/traces` } : { agentHost, agentPort: Number(agentPort) };
const complaints = [];
const logger = { info() {}, error: (text) => complaints.push(text) };
const tags = { 'service.version': '1.2.3' };
const config = { serviceName: service, sampler: { type: 'const', param: 1 }, reporter };
const tracer = initTracer(config, { logger, tags });
const spans = play(tracer);
await new Promise((done) => tracer.close(done));
const resource = resourceOf(tracer, service);
process.stdout.write(JSON.stringify({ flushed: complaints.length === 0, complaints, spans: spans.map((span) => described(span, resource)) }));
