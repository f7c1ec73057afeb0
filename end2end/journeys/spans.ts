// Spans for journeys, reported to the server as OTLP JSON. Knows the protocol, nothing of pages.

import { createHash } from 'node:crypto';
import type { Server } from '../server';

export type Value = string | number | boolean | Value[];

export interface SpanSketch {
  name: string;
  service?: string;
  /** Index of the parent in the list; a root has none. */
  parent?: number;
  /** Milliseconds after the start of the trace. */
  at?: number;
  /** Milliseconds. */
  lasts?: number;
  kind?: 1 | 2 | 3 | 4 | 5;
  error?: string;
  attributes?: Record<string, Value>;
  events?: { name: string; at: number; attributes?: Record<string, Value> }[];
  links?: { traceId: string; spanId: string }[];
}

export interface ReportedTrace {
  traceId: string;
  spanIds: string[];
}

/** Stored when the promise resolves: the server answers after its flush. `label` decides the ids. */
export async function report(server: Server, label: string, sketches: SpanSketch[], startedMsAgo = 60_000): Promise<ReportedTrace> {
  const traceId = digest(label).slice(0, 32);
  const spanIds = sketches.map((_, index) => digest(`${label}/${index}`).slice(0, 16));
  const start = BigInt(Date.now() - startedMsAgo) * 1_000_000n;
  const byService = new Map<string, unknown[]>();
  sketches.forEach((sketch, index) => {
    const service = sketch.service ?? 'shop';
    const spans = byService.get(service) ?? [];
    spans.push(encoded(sketch, traceId, spanIds, index, start));
    byService.set(service, spans);
  });
  const resourceSpans = [...byService].map(([service, spans]) => ({
    resource: { attributes: attributes({ 'service.name': service, 'host.name': 'node-7' }) },
    scopeSpans: [{ scope: { name: 'journeys', version: '1.0.0' }, spans }],
  }));
  await send(server, { resourceSpans });
  return { traceId, spanIds };
}

/** A plain checkout: six spans in three services, one failed. */
export function checkout(prefix = ''): SpanSketch[] {
  const [gateway, cart, payment] = ['gateway', 'cart', 'payment'].map((name) => `${prefix}${name}`);
  return [
    { name: 'POST /checkout', service: gateway, kind: 2, at: 0, lasts: 800 },
    { name: 'GET /cart/{id}', service: gateway, parent: 0, kind: 3, at: 20, lasts: 200 },
    { name: 'load cart', service: cart, parent: 1, kind: 2, at: 40, lasts: 160 },
    { name: 'SELECT carts', service: cart, parent: 2, kind: 3, at: 60, lasts: 90, attributes: { 'db.system.name': 'postgresql' } },
    { name: 'POST /charges', service: gateway, parent: 0, kind: 3, at: 250, lasts: 500 },
    {
      name: 'charge card',
      service: payment,
      parent: 4,
      kind: 2,
      at: 270,
      lasts: 450,
      error: 'card company answered 503',
      attributes: { 'app.order.id': 'o-4711', 'app.amount': 12.5, 'app.attempt': 3, 'app.express': true },
      events: [{ name: 'exception', at: 700, attributes: { 'exception.type': 'ProviderUnavailable', 'exception.message': 'paybridge answered 503' } }],
    },
  ];
}

async function send(server: Server, body: unknown): Promise<void> {
  const answer = await fetch(`${server.addresses.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.status !== 200 || text !== '{}') throw new Error(`export answered ${answer.status}: ${text}`);
}

function encoded(sketch: SpanSketch, traceId: string, spanIds: string[], index: number, start: bigint) {
  const nanos = (ms: number) => (start + BigInt(Math.round(ms * 1_000_000))).toString();
  const at = sketch.at ?? 0;
  return {
    traceId,
    spanId: spanIds[index],
    parentSpanId: sketch.parent === undefined ? undefined : spanIds[sketch.parent],
    name: sketch.name,
    kind: sketch.kind ?? 1,
    startTimeUnixNano: nanos(at),
    endTimeUnixNano: nanos(at + (sketch.lasts ?? 1)),
    attributes: attributes(sketch.attributes ?? {}),
    events: (sketch.events ?? []).map((event) => ({
      name: event.name,
      timeUnixNano: nanos(event.at),
      attributes: attributes(event.attributes ?? {}),
    })),
    links: sketch.links ?? [],
    status: sketch.error === undefined ? undefined : { code: 2, message: sketch.error },
  };
}

function attributes(pairs: Record<string, Value>) {
  return Object.entries(pairs).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: Value): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
