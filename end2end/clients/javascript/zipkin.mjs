// Reports one trace with Zipkin's own client for Node over HTTP, then prints what the client sent as JSON.
// Usage: zipkin.mjs ENDPOINT SERVICE. The values come from the client's own JSON, said in OpenTelemetry's words.
// Does not know how they are read back.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Annotation, BatchRecorder, ExplicitContext, InetAddress, jsonEncoder, Tracer } = require('zipkin');
const { HttpLogger } = require('zipkin-transport-http');

/** Sends every span on, and keeps what the encoder makes of it. */
class Kept {
  spans = [];
  constructor(next) {
    this.next = next;
  }
  logSpan(span) {
    this.spans.push(JSON.parse(jsonEncoder.JSON_V2.encode(span)));
    this.next.logSpan(span);
  }
}

function play(tracer, service) {
  tracer.scoped(() => {
    const root = tracer.createRootId();
    const say = (annotation) => tracer.recordAnnotation(annotation);
    const named = (id, name, ...annotations) => {
      tracer.setId(id);
      tracer.recordServiceName(service);
      tracer.recordRpc(name);
      annotations.forEach(say);
    };
    named(root, 'get /tea', new Annotation.ServerRecv());
    say(new Annotation.LocalAddr({ host: new InetAddress('127.0.0.1'), port: 8080 }));
    tracer.recordBinary('text', 'árvíztűrő 🍵');
    tracer.recordBinary('cups', '3');
    tracer.recordMessage('brewed');
    const call = tracer.createChildId();
    named(call, 'redis-get', new Annotation.ClientSend());
    say(new Annotation.ServerAddr({ serviceName: 'redis', host: new InetAddress('127.0.0.2'), port: 6379 }));
    tracer.recordBinary('error', 'the cup is full');
    say(new Annotation.ClientRecv());
    tracer.setId(root);
    say(new Annotation.ServerSend());
  });
}

function typed(value) {
  return typeof value === 'number' ? { int: String(value) } : { string: value };
}

function pairs(object) {
  const present = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([key, value]) => [key, typed(value)]));
}

function nanos(micros) {
  return BigInt(micros) * 1000n;
}

function described(span) {
  const { error, ...tags } = span.tags ?? {};
  const peer = span.remoteEndpoint ?? {};
  const address = peer.ipv4;
  const start = nanos(span.timestamp);
  return {
    trace_id: span.traceId.padStart(32, '0'),
    span_id: span.id,
    parent_span_id: span.parentId ?? null,
    name: span.name,
    kind: span.kind?.toLowerCase() ?? 'internal',
    start: start.toString(),
    end: (start + nanos(span.duration)).toString(),
    status: error === undefined ? { code: 'unset', message: '' } : { code: 'error', message: error },
    attributes: pairs({
      ...tags,
      'service.peer.name': peer.serviceName,
      'server.address': address,
      'network.peer.address': address,
      'server.port': peer.port,
    }),
    events: (span.annotations ?? []).map(({ timestamp, value }) => ({ time: nanos(timestamp).toString(), name: value, attributes: {} })),
    links: [],
    resource: pairs({
      'service.name': span.localEndpoint.serviceName,
      'host.ip': span.localEndpoint.ipv4,
      'network.local.port': span.localEndpoint.port,
    }),
    scope: { name: '', version: '' },
  };
}

const [endpoint, service] = process.argv.slice(2);
const complaints = [];
const http = new HttpLogger({
  endpoint: `${endpoint}/api/v2/spans`,
  jsonEncoder: jsonEncoder.JSON_V2,
  httpInterval: 100,
  log: { error: (...words) => complaints.push(words.join(' ')) },
});
const answered = new Promise((done) => {
  http.on('success', () => done(true));
  http.on('error', () => done(false));
});
const kept = new Kept(http);
const recorder = new BatchRecorder({ logger: kept });
const tracer = new Tracer({ ctxImpl: new ExplicitContext(), recorder, localServiceName: service });
play(tracer, service);
// Its timer lets the process end before it has sent anything.
const alive = setInterval(() => {}, 1_000);
const flushed = await answered;
clearInterval(alive);
process.stdout.write(JSON.stringify({ flushed, complaints, spans: kept.spans.map(described) }), () => process.exit());
