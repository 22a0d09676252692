#!/usr/bin/env node
// Stands in for Prisma's native `schema-engine`, a download: the same arguments and JSON-RPC over
// standard input and output, but @prisma/schema-engine-wasm (built from the same Rust sources) does
// the work, through @prisma/adapter-pg. prisma.config.ts names it; the CLI runs it by its first
// line, so any Node >= 20 must do. docs/decisions/0003-prisma-without-downloads.md
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

/** OID of Postgres' internal type "char", one byte, in which pg_catalog keeps kinds of things. */
const INTERNAL_CHAR_OID = 18;
const BPCHAR_OID = 1042;
/** `ColumnTypeEnum.Character` of @prisma/driver-adapter-utils. */
const CHARACTER_COLUMN = 6;
/** What the native engine answers when a request fails (json-rpc-api of prisma-engines). */
const REQUEST_FAILED = 4466;
const METHOD_NOT_FOUND = -32601;
/** What a Rust program ends with after a panic. */
const PANIC_EXIT_CODE = 101;
/** Ids of our own requests to the CLI must not meet those of its requests to us. */
const FIRST_OWN_ID = 1_000_000;
const POSTGRES_PORT = 5432;

/** Reads the arguments that the CLI gives; what does not concern Postgres is passed over. */
function readArguments(args) {
  const options = { datamodels: [], url: undefined, command: undefined };
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--datamodels') options.datamodels.push(args[++i]);
    else if (args[i] === '--datasource') options.url = JSON.parse(args[++i]).url;
    else if (args[i] === '--enabled-preview-features' || args[i] === '--extension-types') i++;
    else if (args[i] === 'cli') options.command = args[++i];
  }
  return options;
}

/** Writes one line in the native engine's log format; the CLI reads error codes from it. */
function writeLog(level, message, fields = {}) {
  const line = {
    timestamp: new Date().toISOString(),
    level,
    fields: { message, ...fields },
    target: 'schema_engine::logger',
  };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

// Connections. PrismaPg is made for queries; four of its traits do not fit migrations:
//  - it opens a pool, where the advisory lock and SET need one connection;
//  - it splits scripts at ";", also within function bodies and literals;
//  - it does not know "char", which the engine selects from pg_catalog;
//  - its shadow database is the main one, because `connectionString` wins over `database` in pg.

/** Settings for pg from an address, one connection, to another database if one is named. */
function connectionSettings(url, database) {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const sslMode = searchParams.get('sslmode');
  return {
    host: searchParams.get('host') ?? decodeURIComponent(hostname),
    port: Number(port || POSTGRES_PORT),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: database ?? decodeURIComponent(pathname.slice(1)),
    ssl:
      sslMode && sslMode !== 'disable'
        ? { rejectUnauthorized: sslMode.startsWith('verify') }
        : undefined,
    application_name: 'prisma-schema-engine',
    max: 1,
    idleTimeoutMillis: 0,
  };
}

/** Runs `work` with one plain connection to this or another database of the same server. */
async function withClient(url, database, work) {
  const client = new pg.Client(connectionSettings(url, database));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Reads "char" as a character. The driver adapter refuses its OID, so it is told another one. */
function readInternalChars(connection) {
  const columnsOf = new WeakMap();
  const performIO = connection.performIO.bind(connection);
  const queryRaw = connection.queryRaw.bind(connection);
  connection.performIO = async (query) => {
    const result = await performIO(query);
    const fields = result.fields ?? [];
    const columns = [...fields.keys()].filter((i) => fields[i].dataTypeID === INTERNAL_CHAR_OID);
    for (const i of columns) fields[i].dataTypeID = BPCHAR_OID;
    columnsOf.set(query, columns);
    return result;
  };
  connection.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const i of columnsOf.get(query) ?? []) result.columnTypes[i] = CHARACTER_COLUMN;
    return result;
  };
}

/** Sends a script as it is, in one simple query: only Postgres knows where statements end. */
function sendScriptsWhole(connection) {
  if (!connection.executeScript) return;
  connection.executeScript = async (script) => {
    try {
      await connection.client.query(script);
    } catch (error) {
      connection.onError(error);
    }
  };
}

/** Fits a connection, and every transaction that is started on it, for migrations. */
function fitForMigrations(connection) {
  readInternalChars(connection);
  sendScriptsWhole(connection);
  if (connection.startTransaction) {
    const startTransaction = connection.startTransaction.bind(connection);
    connection.startTransaction = async (level) => fitForMigrations(await startTransaction(level));
  }
  return connection;
}

/** What the engine gets its connections from. */
function adapterFactory(url) {
  const schema = new URL(url).searchParams.get('schema') ?? undefined;
  const open = async (database) =>
    fitForMigrations(await new PrismaPg(connectionSettings(url, database), { schema }).connect());
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => open(),
    /** A fresh database to replay migrations in, removed when the engine lets go of it. */
    async connectToShadowDb() {
      const name = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
      await withClient(url, undefined, (client) => client.query(`CREATE DATABASE "${name}"`));
      const shadow = await open(name);
      const dispose = shadow.dispose.bind(shadow);
      shadow.dispose = async () => {
        await dispose();
        const drop = `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`;
        await withClient(url, undefined, (client) => client.query(drop));
      };
      return shadow;
    },
  };
}

async function createDatabase(url) {
  const databaseName = decodeURIComponent(new URL(url).pathname.slice(1));
  const create = `CREATE DATABASE ${pg.escapeIdentifier(databaseName)}`;
  await withClient(url, 'postgres', (client) => client.query(create));
  return { databaseName };
}

// The two commands that the CLI runs without JSON-RPC.

/** Prisma's own code and words for what a connection can fail with. */
function describeFailure(error, url) {
  const { host, pathname } = new URL(url);
  switch (error.code) {
    case '3D000':
      return ['P1003', `Database \`${pathname.slice(1)}\` does not exist`];
    case '28P01':
      return ['P1000', error.message];
    case 'ECONNREFUSED':
      return ['P1001', `Can't reach database server at \`${host}\``];
    default:
      return [undefined, error.message || String(error)];
  }
}

/** @returns the exit code. */
async function runCommand(command, url) {
  writeLog('INFO', `Starting schema engine CLI ${command}`);
  try {
    if (command === 'can-connect-to-database') await withClient(url, undefined, async () => {});
    else if (command === 'create-database') await createDatabase(url);
    else throw new Error(`unsupported: ${command}`);
    return 0;
  } catch (error) {
    const [error_code, message] = describeFailure(error, url);
    writeLog('ERROR', message, { error_code });
    return 1;
  }
}

// The engine itself.

let panicMessage;

async function loadEngine({ datamodels, url }) {
  const require = createRequire(import.meta.url);
  const entry = pathToFileURL(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
  // Without it a panic is a TypeError that says nothing.
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      panicMessage = message;
    },
  };
  const { instance } = await WebAssembly.instantiate(
    readFileSync(new URL('schema_engine_bg.wasm', entry)),
    { './schema_engine_bg.js': bindings },
  );
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const files = datamodels.map((file) => [file, readFileSync(file, 'utf8')]);
  const log = (line) => process.env.DEBUG && process.stderr.write(`${line}\n`);
  // Some requests (formatting, a diff of two files) come without a database.
  const factory = adapterFactory(url ?? 'postgresql://none@127.0.0.1:1/none');
  return bindings.SchemaEngine.new(
    { datamodels: files.length > 0 ? files : undefined },
    log,
    bindMigrationAwareSqlAdapterFactory(factory),
  );
}

const send = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const failureOf = (error, message) => ({
  code: error?.rpcCode ?? REQUEST_FAILED,
  message: 'An error happened. Check the data field for details.',
  data: {
    is_panic: false,
    message: message ?? error?.message ?? String(error),
    meta: error?.meta ?? null,
    error_code: error?.code ?? null,
  },
});

/** Answers the CLI's requests until it closes our standard input. */
function serve(options) {
  let engine;
  let nextOwnId = FIRST_OWN_ID;
  const printed = new Map();
  /** Requests without an answer yet, by id. */
  const open = new Map();

  /** Asks the CLI to print something, and waits until it has. */
  const print = (content) =>
    new Promise((resolve) => {
      const id = nextOwnId++;
      printed.set(id, resolve);
      send({ jsonrpc: '2.0', id, method: 'print', params: { content } });
    });

  async function call(method, params) {
    if (method === 'createDatabase') return createDatabase(options.url);
    engine ??= loadEngine(options);
    const loaded = await engine;
    if (method === 'getDatabaseVersion') return loaded.version(params);
    if (typeof loaded[method] !== 'function') {
      throw Object.assign(new Error(`Method ${method} not supported`), {
        rpcCode: METHOD_NOT_FOUND,
      });
    }
    const result = await loaded[method](params);
    if (method !== 'diff') return result;
    if (result.stdout != null) await print(result.stdout);
    return { exitCode: result.exitCode, stdout: null };
  }

  async function answer({ id, method, params }) {
    try {
      const result = await call(method, params);
      send({ jsonrpc: '2.0', id, result: result ?? {} });
    } catch (error) {
      send({ jsonrpc: '2.0', id, error: failureOf(error, panicMessage) });
    } finally {
      open.delete(id);
    }
  }

  // `prisma migrate deploy` 7.10 ends with 0 when its engine dies without a word, so whatever
  // kills us (a panic throws outside of any promise) is first given as the answer.
  const die = (error) => {
    const message = panicMessage ?? error?.message ?? String(error);
    writeLog('ERROR', message, { backtrace: error?.stack });
    const answers = [...open.keys()].map((id) =>
      JSON.stringify({ jsonrpc: '2.0', id, error: failureOf(error, message) }),
    );
    process.stdout.write(`${answers.join('\n')}\n`, () => process.exit(PANIC_EXIT_CODE));
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);

  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line.trim() === '') return;
    const message = JSON.parse(line);
    if (message.method) {
      open.set(message.id, answer(message));
      return;
    }
    printed.get(message.id)?.();
    printed.delete(message.id);
  });
  lines.on('close', async () => {
    await Promise.allSettled(open.values());
    process.exit(0);
  });
}

const args = process.argv.slice(2);
const options = readArguments(args);
if (args.includes('--version')) {
  process.exit(0); // the CLI asks only whether the program can be run
} else if (options.command) {
  process.exit(await runCommand(options.command, options.url));
} else {
  serve(options);
}
