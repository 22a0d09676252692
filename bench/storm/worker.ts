import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';

// A worker that does nothing but deliver mail, until it is killed or its parent is gone.

/** Between two looks for mails that are due; a worker is woken by jobs instead. */
const PAUSE_MS = 20;

const stop = new AbortController();
void once(process, 'disconnect').then(() => stop.abort());
process.send?.('ready');
while (!stop.signal.aborted) {
  if ((await deliverMail(stop.signal)) === 0) await sleep(PAUSE_MS);
}
process.exit(0);
