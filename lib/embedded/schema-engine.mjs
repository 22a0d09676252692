#!/usr/bin/env node
// Drop-in for Prisma's native `schema-engine` binary: same argv, same JSON-RPC over stdio,
// but the work is done by @prisma/schema-engine-wasm (built from the same Rust sources)
// talking to Postgres through @prisma/adapter-pg. Used via PRISMA_SCHEMA_ENGINE_BINARY.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bg from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const require = createRequire(import.meta.url);
const pkgDir = new URL(
  '.',
  `file://${require.resolve('@prisma/schema-engine-wasm/schema_engine_bg')}`,
);
const _pkg = JSON.parse(readFileSync(new URL('package.json', pkgDir), 'utf8'));

const argv = process.argv.slice(2);
if (argv.includes('--version')) {
  process.exit(0);
}
const opt = { datamodels: [], datasource: null, sub: null };
for (let i = 0; i < argv.length; i++) {
  if (argv[i] === '--datamodels') opt.datamodels.push(argv[++i]);
  else if (argv[i] === '--datasource') opt.datasource = JSON.parse(argv[++i]);
  else if (argv[i] === '--enabled-preview-features' || argv[i] === '--extension-types') i++;
  else if (argv[i] === 'cli') opt.sub = argv[++i];
}
const url = opt.datasource?.url;

// PrismaPg is a query-time adapter; four of its traits do not fit migrations, so they are replaced here:
//  * no mapping for pg_catalog's internal "char" (OID 18) that the schema describer selects -> Character;
//  * executeScript() splits on ";" (breaks $$ function bodies and literals) -> one simple-protocol query;
//  * a pool of connections (advisory lock, SET) -> exactly one connection;
//  * connectToShadowDb(): `connectionString` wins over `database` in pg, so the "shadow" would be the MAIN
//    database; also DROP DATABASE runs while still connected -> discrete settings, close, then drop.
const CHARACTER = 6;
function patch(x) {
  const chars = new WeakMap(),
    io = x.performIO.bind(x),
    raw = x.queryRaw.bind(x);
  x.performIO = async (q) => {
    const res = await io(q);
    const internal = (res.fields ?? []).flatMap((field, i) => (field.dataTypeID === 18 ? [i] : []));
    for (const i of internal) res.fields[i].dataTypeID = 1042;
    chars.set(q, internal);
    return res;
  };
  x.queryRaw = async (q) => {
    const r = await raw(q);
    for (const i of chars.get(q) ?? []) r.columnTypes[i] = CHARACTER;
    return r;
  };
  if (x.executeScript)
    x.executeScript = async (sql) => {
      try {
        await x.client.query(sql);
      } catch (e) {
        x.onError(e);
      }
    };
  if (x.startTransaction) {
    const st = x.startTransaction.bind(x);
    x.startTransaction = async (l) => patch(await st(l));
  }
  return x;
}
function pgConfig(u, database) {
  const { hostname, port, username, password, pathname, searchParams } = new URL(u);
  const ssl = searchParams.get('sslmode');
  return {
    host: searchParams.get('host') ?? decodeURIComponent(hostname),
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: database ?? decodeURIComponent(pathname.slice(1)),
    ssl: ssl && ssl !== 'disable' ? { rejectUnauthorized: ssl.startsWith('verify') } : undefined,
    application_name: 'prisma-schema-engine',
    max: 1,
    idleTimeoutMillis: 0,
  };
}
function makeFactory(u, schema) {
  const open = async (database) =>
    patch(await new PrismaPg(pgConfig(u, database), { schema }).connect());
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => open(),
    async connectToShadowDb() {
      const name = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
      const admin = async (sql) => {
        const c = new pg.Client(pgConfig(u));
        await c.connect();
        try {
          await c.query(sql);
        } finally {
          await c.end();
        }
      };
      await admin(`CREATE DATABASE "${name}"`);
      const x = await open(name),
        dispose = x.dispose.bind(x);
      x.dispose = async () => {
        await dispose();
        await admin(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      };
      return x;
    },
  };
}
const log = (level, message, extra = {}) =>
  process.stderr.write(
    `${JSON.stringify({
      timestamp: new Date().toISOString(),
      level,
      fields: { message, ...extra },
      target: 'schema_engine::logger',
    })}\n`,
  );

async function withAdmin(fn) {
  const u = new URL(url);
  const db = decodeURIComponent(u.pathname.slice(1));
  u.pathname = '/postgres';
  u.search = '';
  const c = new pg.Client({ connectionString: u.href });
  await c.connect();
  try {
    return await fn(c, db);
  } finally {
    await c.end();
  }
}
const createDatabase = () =>
  withAdmin(async (c, db) => {
    await c.query(`CREATE DATABASE ${pg.escapeIdentifier(db)}`);
    return { databaseName: db };
  });

if (opt.sub) {
  log('INFO', `Starting schema engine CLI ${opt.sub}`);
  try {
    if (opt.sub === 'can-connect-to-database') {
      const c = new pg.Client({ connectionString: url });
      await c.connect();
      await c.end();
    } else if (opt.sub === 'create-database') await createDatabase();
    else throw new Error(`unsupported: ${opt.sub}`);
    process.exit(0);
  } catch (e) {
    const u = new URL(url);
    const [code, msg] =
      e.code === '3D000'
        ? ['P1003', `Database \`${u.pathname.slice(1)}\` does not exist`]
        : e.code === '28P01'
          ? ['P1000', e.message]
          : e.code === 'ECONNREFUSED'
            ? ['P1001', `Can't reach database server at \`${u.host}\``]
            : [undefined, e.message || String(e)];
    log('ERROR', msg, { error_code: code });
    process.exit(1);
  }
}

let panicMessage = null;
globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message: (m) => {
    panicMessage = m;
  },
};
// `prisma migrate deploy` exits 0 when its engine dies without answering (seen with 7.10.0), so a fatal
// error (e.g. a wasm panic, which throws outside any promise) must be answered before exiting.
const inflight = new Set();
const fatal = (e) => {
  const message = panicMessage ?? e?.message ?? String(e);
  log('ERROR', message, { backtrace: e?.stack });
  const out = [...inflight]
    .map(
      (id) =>
        `${JSON.stringify({
          jsonrpc: '2.0',
          id,
          error: {
            code: 4466,
            message,
            data: { is_panic: false, message, meta: null, error_code: null },
          },
        })}\n`,
    )
    .join('');
  process.stdout.write(out, () => process.exit(101));
};
process.on('uncaughtException', fatal);
process.on('unhandledRejection', fatal);
const { instance } = await WebAssembly.instantiate(
  readFileSync(new URL('schema_engine_bg.wasm', pkgDir)),
  { './schema_engine_bg.js': bg },
);
bg.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

const schema = url ? (new URL(url).searchParams.get('schema') ?? undefined) : undefined;
const factory = bindMigrationAwareSqlAdapterFactory(
  makeFactory(url ?? 'postgresql://none@127.0.0.1:1/none', schema),
);
let engine;
const getEngine = async () =>
  (engine ??= await bg.SchemaEngine.new(
    {
      datamodels: opt.datamodels.length
        ? opt.datamodels.map((p) => [p, readFileSync(p, 'utf8')])
        : undefined,
    },
    (l) => process.env.DEBUG && process.stderr.write(`${String(l)}\n`),
    factory,
  ));

const send = (m) => process.stdout.write(`${JSON.stringify(m)}\n`);
let nextId = 1e6;
const waiting = new Map();
const print = (content) =>
  new Promise((res) => {
    const id = nextId++;
    waiting.set(id, res);
    send({ jsonrpc: '2.0', id, method: 'print', params: { content } });
  });

async function call(method, params) {
  if (method === 'createDatabase') return createDatabase();
  const e = await getEngine();
  switch (method) {
    case 'getDatabaseVersion':
      return e.version(params);
    case 'diff': {
      const r = await e.diff(params);
      if (r.stdout != null) await print(r.stdout);
      return { exitCode: r.exitCode, stdout: null };
    }
    case 'reset':
      return (await e.reset(params)) ?? {};
    case 'dbExecute':
      return (await e.dbExecute(params)) ?? {};
    default:
      if (typeof e[method] !== 'function')
        throw Object.assign(new Error(`Method ${method} not supported`), { rpc: -32601 });
      return e[method](params);
  }
}
const pending = new Set();
createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (!line.trim()) return;
    const m = JSON.parse(line);
    if (!m.method) {
      waiting.get(m.id)?.();
      waiting.delete(m.id);
      return;
    }
    if (process.env.SE_TRACE) process.stderr.write(`${line}\n`);
    inflight.add(m.id);
    const p = call(m.method, m.params)
      .then(
        (result) => send({ jsonrpc: '2.0', id: m.id, result: result ?? {} }),
        (err) =>
          send({
            jsonrpc: '2.0',
            id: m.id,
            error: {
              code: err?.rpc ?? 4466,
              message: 'An error happened. Check the data field for details.',
              data: {
                is_panic: false,
                message: panicMessage ?? err?.message ?? String(err),
                meta: err?.meta ?? null,
                error_code: err?.code ?? null,
              },
            },
          }),
      )
      .finally(() => {
        pending.delete(p);
        inflight.delete(m.id);
      });
    pending.add(p);
  })
  .on('close', async () => {
    await Promise.allSettled(pending);
    process.exit(0);
  });
