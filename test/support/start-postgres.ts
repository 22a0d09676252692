// Starts Postgres in the folder that is named, says so, and stays until it is killed.
import { startPostgres } from '../../lib/embedded/postgres.ts';

const server = await startPostgres({ dataDir: process.argv[2] ?? '', durable: false });
process.stdout.write(`${JSON.stringify({ pid: server.pid, port: server.port })}\n`);
setInterval(() => {}, 60_000);
