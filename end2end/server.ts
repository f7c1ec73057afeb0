// A real `tracewell serve` per worker, and a page that fails its test on any console error or warning.
// Knows ports and pages, nothing of the source. Tests import `test` and `expect` from here.

import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type BrowserContext, expect, test as base } from '@playwright/test';

const BINARY = process.env.TRACEWELL_BIN ?? resolve(import.meta.dirname, '../target/debug/tracewell');
const READY_WAIT_MS = 20_000;
/** Bytes that must stay free on the disk of the test's data. */
const DISK_FREE_MIN = String(64 * 1024 * 1024);
const READY_POLL_MS = 50;
// The server promises to drain within ten seconds.
const STOP_WAIT_MS = 12_000;

export interface Addresses {
  /** Pages and APIs, `http://host:port`. */
  http: string;
  /** OTLP over HTTP, `http://host:port`. */
  otlpHttp: string;
  /** OTLP over gRPC, `host:port`. */
  otlpGrpc: string;
}

/** A started server. `restart` keeps ports and data; `kill` is the power cut. */
export class Server {
  private child: ChildProcess | undefined;
  private constructor(
    readonly addresses: Addresses,
    readonly dataDir: string,
    private readonly logPath: string,
    private readonly flags: string[],
  ) {}

  static async start(name: string, flags: string[] = []): Promise<Server> {
    if (!existsSync(BINARY)) throw new Error(`no binary at ${BINARY}: run \`cargo xtask build\` or set TRACEWELL_BIN`);
    const [http, otlpHttp, otlpGrpc] = await freePorts(3);
    const logs = resolve(import.meta.dirname, 'server-logs');
    mkdirSync(logs, { recursive: true });
    const server = new Server(
      { http: `http://127.0.0.1:${http}`, otlpHttp: `http://127.0.0.1:${otlpHttp}`, otlpGrpc: `127.0.0.1:${otlpGrpc}` },
      mkdtempSync(join(tmpdir(), 'tracewell-')),
      join(logs, `${name}.log`),
      flags,
    );
    await server.spawn();
    return server;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.spawn();
  }

  /** SIGKILL, as a power cut would; `restart` afterwards opens the same data. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGTERM; the server must drain and exit with 0. */
  async stop(): Promise<void> {
    const code = await this.end('SIGTERM');
    if (code !== undefined && code !== 0) throw new Error(`server ended with ${code} on SIGTERM; its log: ${this.logPath}`);
  }

  async dispose(): Promise<void> {
    try {
      await this.stop();
    } finally {
      rmSync(this.dataDir, { recursive: true, force: true });
    }
  }

  private async spawn(): Promise<void> {
    const { http, otlpHttp, otlpGrpc } = this.addresses;
    const log = createWriteStream(this.logPath, { flags: 'a' });
    const child = spawn(
      BINARY,
      // A full disk of the test machine is not what is tested; the default refuses spans below 2 %.
      ['serve', '--doors', 'named', '--disk-free-min', DISK_FREE_MIN, '--data-dir', this.dataDir, '--http', host(http), '--otlp-http', host(otlpHttp), '--otlp-grpc', otlpGrpc, ...this.flags],
      // The development binary reads the bundle from target/site, relative to the repository.
      { cwd: resolve(import.meta.dirname, '..'), stdio: ['ignore', 'pipe', 'pipe'], env: foreignEnvironment() },
    );
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.child = child;
    await this.ready(child);
  }

  private async ready(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + READY_WAIT_MS;
    let reasons = 'it does not answer';
    while (Date.now() < deadline) {
      if (ended(child)) throw new Error(`server ended with ${child.exitCode ?? child.signalCode} before it was ready; its log: ${this.logPath}`);
      const answer = await fetch(`${this.addresses.http}/ready`).catch(() => undefined);
      if (answer?.ok) return;
      if (answer) reasons = await answer.text();
      await pause(READY_POLL_MS);
    }
    await this.end('SIGKILL');
    throw new Error(`server not ready after ${READY_WAIT_MS} ms: ${reasons}; its log: ${this.logPath}`);
  }

  private async end(signal: NodeJS.Signals): Promise<number | string | undefined> {
    const child = this.child;
    this.child = undefined;
    if (!child) return undefined;
    if (!ended(child)) {
      const exit = new Promise((done) => child.once('exit', done));
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_WAIT_MS);
      await exit;
      clearTimeout(late);
    }
    return child.exitCode ?? child.signalCode ?? undefined;
  }
}

/** Settings of the caller's shell must not reach the server, and it refuses names that it does not know. */
function foreignEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TRACEWELL_')));
}

function ended(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function host(address: string): string {
  return address.replace('http://', '');
}

/** Ports that were free a moment ago, all held open together so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const holders = await Promise.all(
    Array.from({ length: count }, () => {
      const holder = createServer();
      return new Promise<typeof holder>((done) => holder.listen(0, '127.0.0.1', () => done(holder)));
    }),
  );
  const ports = holders.map((holder) => {
    const address = holder.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  });
  await Promise.all(holders.map((holder) => new Promise((done) => holder.close(done))));
  return ports;
}

interface TestFixtures {
  /** Console lines that a test provokes on purpose, such as the 404 of a page about a missing trace. */
  consoleAllowed: RegExp[];
}

interface WorkerFixtures {
  server: Server;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  consoleAllowed: [[], { option: true }],

  server: [
    async ({}, use, worker) => {
      const server = await Server.start(`worker-${worker.workerIndex}`);
      await use(server);
      await server.dispose();
    },
    { scope: 'worker' },
  ],

  baseURL: async ({ server }, use) => {
    await use(server.addresses.http);
  },

  // On the context, so that a second tab of a test is watched too.
  context: async ({ context, consoleAllowed }, use) => {
    const complaints = complaintsOf(context);
    await use(context);
    expectQuiet(complaints, consoleAllowed);
  },
});

/** Collects what the pages of a context write to the console as error or warning; a broken content policy is an error too. */
export function complaintsOf(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  context.on('weberror', (error) => complaints.push(`uncaught: ${error.error()}`));
  return complaints;
}

/** For contexts that a test opens itself. */
export function expectQuiet(complaints: string[], allowed: RegExp[] = []): void {
  const unexpected = complaints.filter((line) => !allowed.some((pattern) => pattern.test(line)));
  expect(unexpected, 'the page wrote errors or warnings to the console').toEqual([]);
}

export { expect };
