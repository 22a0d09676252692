import { Command } from 'commander';
import { config } from '../../lib/config.ts';
import { TagwireError } from '../../lib/errors.ts';
import { closeMail } from '../../lib/mail/send.ts';
import {
  type AlertCounts,
  COUNT_SPAN_DEFAULT,
  COUNT_SPANS,
  readCountSpan,
} from '../../lib/model/alert-counts.ts';
import { parseQuery } from '../../lib/model/query/parse-query.ts';
import { readCounts, readCountsOfAlerts } from '../../lib/queries/alert-counts.ts';
import { previewAlert } from '../../lib/queries/alert-preview.ts';
import { hasAlert, listAlerts } from '../../lib/queries/alerts.ts';
import { buildDigests } from '../../workers/jobs/build-digests.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { withServers } from '../servers.ts';
import { oneLine, plural, showMarked } from '../terminal-text.ts';

interface Options {
  json?: boolean;
}

async function list({ json }: Options): Promise<void> {
  const alerts = await listAlerts();
  if (json) return console.log(JSON.stringify(alerts, null, 2));
  for (const { status, cadence, hits, email, name } of alerts) {
    console.log(
      `${status.padEnd(8)} ${cadence.padEnd(8)} ${String(hits).padStart(6)}  ${email}  ${oneLine(name)}`,
    );
  }
  process.stderr.write(`${plural(alerts.length, 'alert')}\n`);
}

async function preview(query: string, { json }: Options): Promise<void> {
  const parsed = parseQuery(query);
  if (parsed.kind === 'invalid') {
    throw new TagwireError(
      `The query cannot be read, at character ${parsed.at + 1}: ${parsed.message}`,
      'Words, =words, "phrases", OR, -word, brackets, begin*, and tag:, source:, author:, title: and lang: can be used.',
    );
  }
  const outcome = await previewAlert(parsed.tree);
  if (outcome.kind === 'no-word') {
    throw new TagwireError(
      'There is no word in this query that posts must have.',
      'Name a word of letters or digits, beside what is left out.',
    );
  }
  if (outcome.kind === 'too-costly') {
    throw new TagwireError(
      'Looking through all posts for this query takes too long.',
      'Take rarer or fewer words, or longer beginnings. An alert can have it all the same.',
    );
  }
  const found = outcome.preview;
  if (json) return console.log(JSON.stringify(found, null, 2));
  for (const hit of found.latest) {
    console.log(
      `${showMarked(hit.title)}\n  ${hit.sortAt.slice(0, 10)}  ${oneLine(hit.sourceTitle)}`,
    );
    console.log(`  ${oneLine(hit.url)}\n  ${showMarked(hit.sentence)}\n`);
  }
  process.stderr.write(`${plural(found.posts, 'post')} in the last ${found.days} days\n`);
}

const COUNT_NAMES: Record<keyof AlertCounts, string> = {
  published: 'published',
  matched: 'matched',
  filteredByQuery: 'filtered out by query',
  filteredByMissing: 'filtered out, attribute missing',
  filteredByInvalid: 'filtered out, attribute invalid',
  mailDelivered: 'mails delivered',
  mailFailed: 'mails failed',
  webhookDelivered: 'webhook events delivered',
  webhookFailed: 'webhook events failed',
};

async function counts({ json, span: name, alert }: Options & { span: string; alert?: string }) {
  const span = readCountSpan(name);
  if (span === undefined) {
    const spans = Object.keys(COUNT_SPANS).join(', ');
    throw new TagwireError(`There are no counts of “${name}”.`, `Say --span with one of ${spans}.`);
  }
  const id = alert === undefined ? undefined : Number(alert);
  if (id !== undefined && !(await hasAlert(id))) {
    throw new TagwireError(
      `There is no alert ${alert}.`,
      'Their numbers are in: bin/tagwire alerts list --json',
    );
  }
  const series =
    id === undefined ? await readCounts(span) : (await readCountsOfAlerts([id], span)).get(id);
  if (json) return console.log(JSON.stringify(series, null, 2));
  for (const [key, label] of Object.entries(COUNT_NAMES)) {
    const number = series?.total[key as keyof AlertCounts] ?? 0;
    console.log(`${String(number).padStart(12)}  ${label}`);
  }
}

async function run(): Promise<void> {
  const posts = await matchAlerts({ waits: true });
  const digests = await buildDigests();
  const mails = await deliverMail().finally(closeMail);
  const rest = config().smtpUrl === undefined ? '; mails wait: SMTP_URL is not set' : '';
  console.log(`${posts} posts matched, ${digests} digests built, ${mails} mails tried${rest}`);
}

export const command = new Command('alerts')
  .description('keyword alerts: who waits for what, what a query would find, and matching at once')
  .addHelpText('after', `\nExample:\n  $ bin/tagwire alerts preview '"data dictionary" -oracle'`);

command
  .command('list')
  .description('all alerts: status, cadence, posts found, address, query')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire alerts list --json')
  .action((options: Options) => withServers({ database: true }, () => list(options)));

command
  .command('preview')
  .description('what a query would have found in the last 90 days')
  .argument('<query>', 'words, =words, "phrases", OR, -words, brackets, begin*, tag: source: …')
  .option('--json', 'as JSON')
  .addHelpText('after', `\nExample:\n  $ bin/tagwire alerts preview '"data dictionary" -oracle'`)
  .action((query: string, options: Options) =>
    withServers({ database: true }, () => preview(query, options)),
  );

command
  .command('counts')
  .description('posts published to alerts, matched, filtered out, delivered and failed')
  .option(
    '--span <span>',
    `how far back: ${Object.keys(COUNT_SPANS).join(', ')}`,
    COUNT_SPAN_DEFAULT,
  )
  .option('--alert <id>', 'of one alert, since it last began, instead of all')
  .option('--json', 'as JSON, in steps of time')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire alerts counts --span 1w --json')
  .action((options: Options & { span: string; alert?: string }) =>
    withServers({ database: true }, () => counts(options)),
  );

command
  .command('run')
  .description('match waiting posts, build due digests and send due mails, once, now')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire alerts run')
  .action(() => withServers({ database: true }, run));
