import { Command } from 'commander';
import { TagwireError } from '../../lib/errors.ts';
import { listEvents, listWebhooks } from '../../lib/queries/webhooks.ts';
import { sendAgain } from '../../lib/store/webhook-events.ts';
import { withServers } from '../servers.ts';
import { oneLine, plural } from '../terminal-text.ts';

interface Options {
  json?: boolean;
}

async function list({ json }: Options): Promise<void> {
  const webhooks = await listWebhooks();
  if (json) return console.log(JSON.stringify(webhooks, null, 2));
  for (const { id, status, pending, dead, email, url, name } of webhooks) {
    const counts = `${pending} waiting, ${dead} given up`;
    console.log(`${id}  ${status.padEnd(8)} ${counts}  ${email}  ${url}  ${oneLine(name)}`);
  }
  process.stderr.write(`${plural(webhooks.length, 'webhook')}\n`);
}

/** @throws TagwireError when it is no number. */
function readId(text: string): number {
  if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text);
  throw new TagwireError(
    `"${text}" is no id.`,
    'bin/tagwire webhooks list shows those of webhooks.',
  );
}

async function show(text: string, { json }: Options): Promise<void> {
  const [webhook] = await listWebhooks(readId(text));
  if (webhook === undefined) {
    throw new TagwireError(`There is no webhook ${text}.`, 'bin/tagwire webhooks list shows them.');
  }
  const events = await listEvents(webhook.id);
  if (json) return console.log(JSON.stringify({ ...webhook, events }, null, 2));
  console.log(`${webhook.url}  ${webhook.status}  ${webhook.email}  ${oneLine(webhook.name)}\n`);
  for (const event of events) {
    const { id, status, attempts, responseStatus, responseText, change, createdAt } = event;
    const title = `${change === null ? '' : `${change}: `}${event.title ?? 'test'}`;
    const answer = `${responseStatus ?? '–'} ${oneLine(responseText ?? '').slice(0, 80)}`;
    console.log(`${id}  ${createdAt}  ${status.padEnd(7)} ${attempts}  ${title}  ${answer}`);
  }
  process.stderr.write(`${plural(events.length, 'event')}\n`);
}

async function replay(text: string): Promise<void> {
  const sent = await sendAgain(undefined, { eventId: readId(text) });
  if (sent === 0) {
    throw new TagwireError(
      `There is no event ${text} that has been sent or given up.`,
      'bin/tagwire webhooks show ID lists the events of a webhook; those that wait need no replay.',
    );
  }
  console.log(`event ${text} goes out again under its old id when a worker runs`);
}

export const command = new Command('webhooks')
  .description('webhooks of alerts: their state, what was sent, and sending it again')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire webhooks show 3');

command
  .command('list')
  .description(
    'all webhooks: id, state, events that wait or were given up, address, endpoint, alert',
  )
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire webhooks list --json')
  .action((options: Options) => withServers({ database: true }, () => list(options)));

command
  .command('show')
  .description('the latest events of a webhook: id, time, state, attempts, post, answer')
  .argument('<id>', 'of a webhook')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire webhooks show 3')
  .action((id: string, options: Options) =>
    withServers({ database: true }, () => show(id, options)),
  );

command
  .command('replay')
  .description('send an event once more, under the same webhook-id')
  .argument('<id>', 'of an event')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire webhooks replay 120')
  .action((id: string) => withServers({ database: true }, () => replay(id)));
