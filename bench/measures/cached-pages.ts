import { request } from 'undici';
import { buildSite } from '../../lib/embedded/build-site.ts';
import { storeCorpus, tagSlug } from '../corpus.ts';
import { startCpuClock } from '../cpu.ts';
import {
  type StaticAnswer,
  type StaticServer,
  startStaticServer,
} from '../floors/static-server.ts';
import { withHouse } from '../house.ts';
import { runLoad } from '../load.ts';
import { type Comparison, type Cost, type Measure, type Say, takeTurns } from '../measure.ts';
import { type Site, startSite } from '../site.ts';

const CONNECTIONS = 8;
const REQUESTS_A_CONNECTION = 2000;
const ENCODINGS = 'gzip, deflate, br';
/** The page is kept a moment after its first answer. */
const CACHED_MS_MAX = 10_000;
/** Node's own, which it writes itself on each answer of the floor. */
const OWN_HEADERS = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);

/** The answer for this path once the site has it in its cache, with its bytes as they come. */
async function cachedAnswer(site: Site, path: string): Promise<StaticAnswer> {
  const giveUpAt = Date.now() + CACHED_MS_MAX;
  for (;;) {
    const answer = await fetchRaw(site.url + path);
    if (answer.headers['x-tagwire-cache'] === 'HIT') return answer;
    if (Date.now() > giveUpAt) throw new Error(`${path} does not come from the cache`);
  }
}

/** As fetch would, but without unpacking the body. */
async function fetchRaw(url: string): Promise<StaticAnswer> {
  const answer = await request(url, { headers: { 'accept-encoding': ENCODINGS } });
  const body = Buffer.from(await answer.body.arrayBuffer());
  if (answer.statusCode !== 200) throw new Error(`${url} answers with ${answer.statusCode}`);
  const headers = Object.entries(answer.headers).filter(([name]) => !OWN_HEADERS.has(name));
  return {
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    bodyBase64: body.toString('base64'),
  };
}

interface Case {
  name: string;
  path: string;
  answer: StaticAnswer;
  isConditional: boolean;
}

async function compare(
  { name, path, answer, isConditional }: Case,
  site: Site,
  bare: StaticServer,
  rounds: number,
  say: Say,
): Promise<Comparison> {
  const headers: Record<string, string> = { 'accept-encoding': ENCODINGS };
  if (isConditional) headers['if-none-match'] = answer.headers.etag ?? '';
  const ask = async (server: { url: string; pid: number }): Promise<Cost> => {
    const readCpu = startCpuClock([server.pid], { own: false });
    const ms = await runLoad({
      url: server.url + path,
      headers,
      connections: CONNECTIONS,
      requests: REQUESTS_A_CONNECTION,
      status: isConditional ? 304 : 200,
    });
    const requests = CONNECTIONS * REQUESTS_A_CONNECTION;
    const seconds = readCpu();
    return {
      time: ms / requests,
      cpu: seconds === undefined ? undefined : (seconds * 1000) / requests,
    };
  };
  const ways = {
    ours: { name: 'the site, from its cache', run: () => ask(site) },
    floor: { name: 'node:http with the same bytes', run: () => ask(bare) },
  };
  const turns = await takeTurns(ways, rounds, (text) => say(`${name}: ${text}`));
  const kilobytes = (Buffer.byteLength(answer.bodyBase64, 'base64') / 1000).toFixed(1);
  const coding = answer.headers['content-encoding'] ?? 'plain';
  const work = isConditional ? 'answered with 304' : `${kilobytes} KB (${coding})`;
  const notes = [
    `${Math.round(1000 / turns.ours.time)} to ${Math.round(1000 / turns.floor.time)} requests a ` +
      'second from one process each. The load maker shares the machine, so CPU tells more.',
  ];
  return {
    name,
    work: `${work}, ${CONNECTIONS} connections`,
    unit: 'ms a request',
    ...turns,
    notes,
  };
}

export const cachedPages: Measure = {
  name: 'cached-pages',
  about: 'a tag page and its feed, from the cache in front of the site',
  async run(setting, say) {
    say('building the site, if it is not built yet');
    await buildSite();
    return withHouse({}, async (house) => {
      await house.freshDatabase();
      await storeCorpus(setting.posts);
      const site = await startSite();
      let bare: StaticServer | undefined;
      try {
        const page = `/tag/${tagSlug(0)}`;
        const feed = `${page}/feed.xml`;
        const answers = {
          [page]: await cachedAnswer(site, page),
          [feed]: await cachedAnswer(site, feed),
        };
        bare = await startStaticServer(answers);
        const comparisons: Comparison[] = [];
        for (const [name, path, isConditional] of [
          ['cached tag page', page, false],
          ['cached tag feed', feed, false],
          ['cached tag feed, 304', feed, true],
        ] as const) {
          const one = { name, path, isConditional, answer: answers[path] as StaticAnswer };
          comparisons.push(await compare(one, site, bare, setting.rounds, say));
        }
        return comparisons;
      } finally {
        bare?.stop();
        await site.stop();
      }
    });
  },
};
